#pragma once
#include <string>

#include "images/debian_archive.h"
#include "images/guest_disk.h"
#include "images/image_lock.h"
#include "images/recipe.h"

namespace images {

struct BuildPaths {
  std::string guest_program;  ///< bulkhead-guest, which becomes /init
  std::string output;         ///< directory of firmware.fd, vmlinuz, initrd, root.img and image.lock
  std::string work;           ///< directory for what is worth keeping between builds: the Debian archive
};

/// Makes the files of `recipe`'s image in `paths.output` and, last, their image.lock. When a lock of the same inputs is
/// there and its files still have their digests, nothing is made. A build that fails leaves the old files or none,
/// never half of one.
/// @throws Error{host} when a tool is missing or fails, Error{failure} when the recipe and its packages do not fit
BuiltImage build(const Recipe& recipe, const BuildPaths& paths, GuestDisk& disk, const BuildProgress& progress);

/// The digest of everything an image is made from: the recipe with its firmware's content and the guest program.
base::Sha256 input_digest(const Recipe& recipe, const base::Sha256& firmware, const base::Sha256& guest_program);

}  // namespace images
