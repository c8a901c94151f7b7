#pragma once
#include "cli/console.h"
#include "cli/sev_options.h"
#include "cli/sev_session.h"

namespace cli {

struct MeasureSevOptions {
  SevOptions sev;
  SevSessionOptions session;
};
struct MeasureSevEsOptions {
  SevOptions sev;
  VcpuOptions vcpu;
  std::string vmm = "qemu";  ///< the only hypervisor whose SEV-ES launch is known
  std::string vm_type = "legacy";
  SevSessionOptions session;
};

/// The launch digest of a SEV guest; its vCPUs are not measured.
/// @throws Error{usage} for flags that make no sense, Error{malformed} for files that do not parse, Error{failure} for
/// firmware that lacks what the launch needs
/// and exit code 5 when the host's measurement is not of this launch
int measure_sev(const MeasureSevOptions& options, Console& console);
/// The launch digests of a SEV-ES guest by vCPU count. @throws and returns as measure_sev()
int measure_sev_es(const MeasureSevEsOptions& options, Console& console);

}  // namespace cli
