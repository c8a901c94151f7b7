#include "base/posix_module.h"

#include <dlfcn.h>

#include <filesystem>
#include <vector>

#include "base/error.h"

namespace base {
namespace {

std::vector<std::string> places(const ModuleName& name) {
  std::error_code unknown;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", unknown);
  std::vector<std::string> places;
  std::filesystem::path prefix = program.parent_path().parent_path();
  if (prefix.filename() == "libexec") prefix = prefix.parent_path();  // a program in libexec/bulkhead
  if (!unknown) places.push_back((prefix / "lib" / "bulkhead" / name.file).lexically_normal());
  places.push_back(name.installed_lib + "/" + name.file);
  return places;
}

}  // namespace

void* load_module(const ModuleName& name) {
  std::string reasons;
  for (const std::string& place : places(name)) {
    void* const library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      reasons += std::string("\n  ") + ::dlerror();
      continue;
    }
    if (void* const found = ::dlsym(library, name.symbol)) return found;
    reasons += "\n  " + place + ": no symbol " + name.symbol;
  }
  throw Error(Kind::host, "cannot load " + name.file + ", which " + name.needed_for + ":" + reasons);
}

}  // namespace base
