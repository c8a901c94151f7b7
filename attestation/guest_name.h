#pragma once
#include <optional>
#include <string>
#include <string_view>

/// Guests are named "worker/0" in documents and "worker-0" in URLs.
namespace attestation {

/// Whether `text` is control/N or worker/N, N decimal without leading zeros and below 10000.
bool is_guest_name(std::string_view text);
/// "worker-0" -> "worker/0"; nullopt when it is not that.
std::optional<std::string> guest_of_path_segment(std::string_view segment);
/// "worker/0" -> "worker-0"
std::string path_segment_of(std::string_view guest);

}  // namespace attestation
