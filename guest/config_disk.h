#pragma once
#include <string>

#include "base/bytes.h"

namespace guest {

/// The largest config disk the guest reads, in bytes.
inline constexpr std::size_t config_disk_limit = 4U << 20U;

/// The text of initdata.toml on a config disk: a ustar archive that holds this one file and nothing else.
/// @param disk the whole disk, at most config_disk_limit bytes
/// @throws Error{malformed} naming what the disk holds instead
std::string initdata_on(base::Bytes disk);

}  // namespace guest
