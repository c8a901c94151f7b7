#include "cli/installation.h"

#include <filesystem>

#include "base/error.h"

namespace cli {
namespace {

/// The first of the places that exists. @throws Error{failure} naming the first when none does
std::string first_of(std::initializer_list<std::filesystem::path> places) {
  for (const std::filesystem::path& place : places) {
    if (std::filesystem::exists(place)) return place.lexically_normal().string();
  }
  throw base::Error(base::Kind::failure,
                    "this installation is incomplete: " + places.begin()->lexically_normal().string() + " is missing");
}

std::filesystem::path program_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace

std::string guest_program() {
  return first_of({program_folder() / "../lib/bulkhead/guest/bulkhead-guest",
                   std::filesystem::path(BULKHEAD_INSTALLED_LIB) / "guest/bulkhead-guest"});
}

std::string attestd_program() {
  return first_of({program_folder() / "../libexec/bulkhead/bulkhead-attestd",
                   std::filesystem::path(BULKHEAD_INSTALLED_LIBEXEC) / "bulkhead-attestd"});
}

}  // namespace cli
