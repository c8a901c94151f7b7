#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/units.h"

namespace cli {

/// A number as a person writes it, "33" or "0x21": no sign, no leading zero that could mean octal.
/// @throws Error{usage} naming `flag` when `text` is none or is above `most`
std::uint64_t number_of(const std::string& flag, const std::string& text, std::uint64_t most);

/// A size of memory as QEMU and libvirt write it: "2GiB", "2G", "2048MiB"; not zero.
/// @throws Error{usage} naming `flag`
base::MiB memory_of(const std::string& flag, const std::string& text);

/// Numbers of virtual CPUs, "4", "1,2,4" or "1-8,16": ascending, each once.
/// @throws Error{usage} when the text is no such list; Error{malformed} for a count that is not 1 to 4096
std::vector<unsigned> vcpu_counts(const std::string& text);

}  // namespace cli
