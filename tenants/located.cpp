#include "tenants/located.h"

#include <filesystem>

namespace tenants {

std::string path_beside(const Located<std::string>& path) {
  const std::filesystem::path named = path.value;
  if (path.value.starts_with("pkcs11:") || named.is_absolute()) return path.value;
  return (std::filesystem::path(path.where.file).parent_path() / named).lexically_normal().string();
}

}  // namespace tenants
