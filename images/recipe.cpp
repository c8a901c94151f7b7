#include "images/recipe.h"

#include <set>

namespace images {

const std::vector<std::string>& base_packages() {
  static const std::vector<std::string> packages = {"iproute2", "kmod", "systemd", "systemd-sysv", "udev"};
  return packages;
}

std::vector<std::string> all_packages(const Recipe& recipe) {
  std::set<std::string> packages(base_packages().begin(), base_packages().end());
  packages.insert(recipe.packages.begin(), recipe.packages.end());
  packages.insert(recipe.kernel_package);
  return {packages.begin(), packages.end()};
}

}  // namespace images
