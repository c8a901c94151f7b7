#pragma once
#include <string_view>

#include "base/bytes.h"

namespace images {

/// The serial number by which a guest finds its config disk, and the one file on it.
inline constexpr std::string_view config_disk_serial = "bulkhead-config";
inline constexpr std::string_view config_disk_file = "initdata.toml";

/// The bytes of a guest's config disk: a POSIX ustar archive holding `initdata` as initdata.toml, padded with zeros to
/// a whole MiB. The same initdata gives the same bytes.
base::Buffer config_disk(std::string_view initdata);

}  // namespace images
