#pragma once
#include "cli/console.h"
#include "cli/sev_options.h"

namespace cli {

struct MeasureSnpOptions {
  SevOptions sev;
  VcpuOptions vcpu;
  std::string vmm = "qemu";
  std::optional<std::string> firmware_digest;
};

/// The SNP launch digests of the files and vCPU counts in `options`.
/// @throws Error{usage} for flags that make no sense, Error{malformed} for files that do not parse, Error{failure} for
/// firmware that lacks what the launch needs
LaunchReport snp_launch_report(const MeasureSnpOptions& options);
/// Prints it.
int measure_snp(const MeasureSnpOptions& options, Console& console);

}  // namespace cli
