#pragma once
#include <map>
#include <optional>
#include <string>

#include "cli/launch_report.h"
#include "measurement/sev.h"

namespace CLI {
class App;
}

namespace cli {

/// What a SEV guest's owner needs to check the measurement a host reports of it (QEMU's query-sev-launch-measure,
/// virsh domlaunchsecinfo); as texts.
struct SevSessionOptions {
  std::optional<std::string> measurement;  ///< base64 of MEASURE and MNONCE
  std::string integrity_key;               ///< file with the 16 bytes of the session's TIK, mode 0600
  std::string policy, api_major, api_minor, build;
};
/// Adds --measurement, --tik, --policy, --api-major, --api-minor and --build-id.
void add_sev_session_options(CLI::App& verb, SevSessionOptions& options);

/// Adds to the report which vCPU count the reported measurement was made of: its member "measurementOf", null when
/// of none. A SEV guest's digest stands under 0. Does nothing when no measurement was given.
/// @returns false when it is of none @throws Error{usage} for texts that do not parse, Error{failure} for the key file
bool check_measurement(LaunchReport& report, const SevSessionOptions& options,
                       const std::map<unsigned, measurement::SevLaunchDigest>& digests);

}  // namespace cli
