#pragma once
#include <string>
#include <vector>

#include "base/units.h"

namespace images {

/// A file that the owner puts into the root file system, over whatever a package put there.
struct RecipeFile {
  std::string path;  ///< absolute
  unsigned mode = 0644;
  std::string content;
  bool operator==(const RecipeFile&) const = default;
};

/// What one tenant's image is made of. Equal recipes give equal images as long as the mirror offers the same packages.
struct Recipe {
  std::string suite = "trixie";
  std::string mirror;                 ///< empty: mmdebstrap's own choice for the suite
  std::vector<std::string> packages;  ///< besides those of base_packages()
  std::string kernel_package = "linux-image-amd64";
  base::MiB size{1024};  ///< of the root image
  std::vector<RecipeFile> files;
  std::string firmware;      ///< path of the firmware file on this machine
  std::string command_line;  ///< of the kernel
  bool operator==(const Recipe&) const = default;
};

/// What every userland has, besides the essential packages: an init, device nodes, network tools, modules.
const std::vector<std::string>& base_packages();

/// All packages to install, sorted, none twice: base_packages(), the recipe's and its kernel.
std::vector<std::string> all_packages(const Recipe& recipe);

}  // namespace images
