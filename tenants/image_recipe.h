#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "tenants/located.h"

namespace tenants {

/// A small file written into the image.
struct RecipeFile {
  Located<std::string> path;  ///< absolute, inside the image
  unsigned mode = 0644;
  std::string content;
};

/// What an image recipe says (`kind: ImageRecipe`).
struct ImageRecipe {
  std::string name;
  std::string suite;  ///< Debian's: trixie
  std::optional<std::string> mirror;
  std::vector<std::string> packages;
  std::string kernel_package;
  base::MiB size;
  std::vector<RecipeFile> files;
  Located<std::string> firmware;  ///< path of the firmware on the building machine
  std::string command_line;
  std::vector<std::string> modules;  ///< kernel modules for the initrd beside the built-in list
};

}  // namespace tenants
