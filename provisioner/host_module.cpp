#include "provisioner/host_module.h"

#include <dlfcn.h>

#include <filesystem>
#include <vector>

#include "base/error.h"

namespace provisioner {
namespace {

constexpr const char* file_name = "bulkhead-host.so";

/// A build tree's module is beside its program, an installed one in the libdir it was configured with.
std::vector<std::string> places() {
  std::error_code unknown;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  std::vector<std::string> places;
  if (!unknown)
    places.push_back((program.parent_path().parent_path() / "lib" / "bulkhead" / file_name).lexically_normal());
  places.push_back(std::string(BULKHEAD_INSTALLED_LIB) + "/" + file_name);
  return places;
}

}  // namespace

std::shared_ptr<HostModule> load_host_module() {
  std::string reasons;
  for (const std::string& place : places()) {
    void* const library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      reasons += std::string("\n  ") + ::dlerror();
      continue;
    }
    using Make = HostModule* (*)();
    const auto make = reinterpret_cast<Make>(::dlsym(library, "bulkhead_host_module"));
    if (make != nullptr) return std::shared_ptr<HostModule>(make());
    reasons += "\n  " + place + ": no symbol bulkhead_host_module";
  }
  throw base::Error(base::Kind::host,
                    "cannot load " + std::string(file_name) +
                        ", which verbs that touch a host or a disk need; install bulkhead-host:" + reasons);
}

}  // namespace provisioner
