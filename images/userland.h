#pragma once
#include <vector>

#include "base/tar_archive.h"
#include "images/recipe.h"

namespace images {

/// What a test or a person waits for on the console of a guest whose userland has started.
inline constexpr const char* userland_is_up = "bulkhead: userland is up";

/// The files that turn a Debian userland into one that boots from a read-only root: memory file systems where services
/// write, no login on any console, no machine identity, the host name and the network that the initrd has set up, and
/// the message above. The recipe's own files come last and take the place of ours.
/// @throws Error{failure} naming a recipe file whose path is not absolute and plain
std::vector<base::TarMember> userland_files(const Recipe& recipe);

}  // namespace images
