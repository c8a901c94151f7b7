#include "measurement/launch_configuration.h"

#include <charconv>

namespace measurement {

std::optional<HypervisorVersion> hypervisor_version(std::string_view text) {
  HypervisorVersion version;
  const char* const end = text.data() + text.size();
  const auto [dot, bad_major] = std::from_chars(text.data(), end, version.major);
  if (bad_major != std::errc() || dot == end || *dot != '.') return std::nullopt;
  const auto [rest, bad_minor] = std::from_chars(dot + 1, end, version.minor);
  if (bad_minor != std::errc() || (rest != end && *rest != '.')) return std::nullopt;
  return version;
}

}  // namespace measurement
