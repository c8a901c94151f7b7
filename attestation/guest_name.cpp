#include "attestation/guest_name.h"

#include <algorithm>

namespace attestation {

bool is_guest_name(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view pool = text.substr(0, slash);
  const std::string_view index = text.substr(slash + 1);
  if (pool != "control" && pool != "worker") return false;
  if (index.empty() || index.size() > 4 || (index.size() > 1 && index.front() == '0')) return false;
  return std::all_of(index.begin(), index.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::string> guest_of_path_segment(std::string_view segment) {
  const std::size_t dash = segment.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  std::string name(segment);
  name[dash] = '/';
  return is_guest_name(name) ? std::optional(name) : std::nullopt;
}

std::string path_segment_of(std::string_view guest) {
  std::string segment(guest);
  std::replace(segment.begin(), segment.end(), '/', '-');
  return segment;
}

}  // namespace attestation
