#pragma once
#include "cli/console.h"
#include "cli/sev_options.h"

namespace cli {

struct MeasureSevOptions {
  SevOptions sev;
};
struct MeasureSevEsOptions {
  SevOptions sev;
  VcpuOptions vcpu;
  std::string vm_type = "legacy";
};

/// The launch digest of a SEV guest; its vCPUs are not measured.
/// @throws Error{usage} for flags that make no sense, Error{malformed} for files that do not parse, Error{failure} for
/// firmware that lacks what the launch needs
LaunchReport sev_launch_report(const MeasureSevOptions& options);
/// The launch digests of a SEV-ES guest by vCPU count. @throws as sev_launch_report()
LaunchReport sev_es_launch_report(const MeasureSevEsOptions& options);

int measure_sev(const MeasureSevOptions& options, Console& console);
int measure_sev_es(const MeasureSevEsOptions& options, Console& console);

}  // namespace cli
