#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/json.h"

namespace images {

struct BuiltFile {
  std::string path;
  base::Sha256 sha256;
  bool operator==(const BuiltFile&) const = default;
};

/// What a build made: the files a tenant's guests start from and what they were made of.
struct BuiltImage {
  BuiltFile firmware, kernel, initrd, root;
  std::string command_line;
  std::string suite;
  std::vector<std::string> packages;  ///< "name=version", sorted
  base::Sha256 inputs;                ///< of everything the files were made from
  bool operator==(const BuiltImage&) const = default;
};

/// The document `bulkhead.image-lock/v1`.
base::Json image_lock(const BuiltImage& image);
/// @throws Error{malformed} naming the member that is missing, unknown or wrong
BuiltImage read_image_lock(const base::Json& document, std::string_view name);

/// The installed packages of a dpkg status file as "name=version", sorted.
/// Source: dpkg's status file, deb822(5). @throws Error{malformed} on a package without version
std::vector<std::string> installed_packages(std::string_view dpkg_status);

}  // namespace images
