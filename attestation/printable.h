#pragma once
#include <string>
#include <string_view>

namespace attestation {

/// Text from outside for logs, consoles and JSON: at most 2000 characters of printable ASCII, other bytes as \xNN.
std::string printable(std::string_view text);

}  // namespace attestation
