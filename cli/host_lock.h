#pragma once
#include <string>

namespace cli {

/// The lock that `apply` and `destroy` hold while they change a host: one at a time, whatever the tenant, for they
/// check each other's names and user ids. It lies beside the run directory, which is gone with the last tenant.
inline std::string host_lock(const std::string& run) {
  return run + ".lock";
}
/// The lock that `attest` holds while it keeps or lifts fences. Apart from the other, so that a long `apply` keeps no
/// guest from being cut off.
inline std::string fence_lock(const std::string& run) {
  return run + ".fence.lock";
}
inline constexpr const char* host_lock_holders = "another apply or destroy on this host";

}  // namespace cli
