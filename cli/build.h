#pragma once
#include <string>

#include "cli/console.h"

namespace cli {

/// An image recipe and where its image goes.
struct BuildOptions {
  std::string recipe;  ///< a `kind: ImageRecipe` document
  std::string out;     ///< directory of firmware.fd, vmlinuz, initrd, root.img and image.lock
  std::string work;    ///< directory kept between builds; empty: OUT/work
  bool json = false;
};

/// Builds the image, or finds that nothing changed, and prints the digests. Loads the host module (libguestfs).
int build_image(const BuildOptions& options, Console& console);

}  // namespace cli
