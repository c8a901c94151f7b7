#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/machine_options.h"
#include "cli/sev_options.h"
#include "cli/td_options.h"

namespace cli {

/// The unexpected digest, and the launch it was expected of: from flags, or from a plan.
struct ExplainOptions {
  std::optional<std::string> digest;  ///< hexadecimal, with or without "0x"
  std::optional<std::string> report;  ///< a file with an SNP report
  std::optional<std::string> quote;   ///< a file with a TDX quote or TDREPORT
  std::optional<std::string> as;      ///< snp, sev-es, sev, tdx or pcr; absent: what the digest's length allows
  BootFileOptions files;
  VcpuOptions vcpu;
  std::string vmm = "qemu";
  std::string memory = "2048", machine = "q35";
  TdOptions td;
  std::vector<std::string> acpi;  ///< "qemu" or folders with a dump of fw_cfg: the planned one, then others
  MachineOptions asked;           ///< what QEMU is asked for its tables with, beside vCPUs, memory and machine
  std::optional<std::string> plan, tenant;
  std::string plans = ".";           ///< directory of TENANT.plan.json
  std::optional<std::string> guest;  ///< of the plan: "worker", "worker/0"
  std::vector<std::string> images;   ///< folders with boot files
  std::optional<std::string> event_log;
  bool json = false;
};

/// Says which launch near the planned one has the digest or the registers, or with an event log where the boot stopped
/// being the planned one. Exit 0 when it is explained, 5 when it is not.
/// @throws Error{usage} when the flags make no sense; Error{malformed} for files that do not parse
int explain(const ExplainOptions& options, Console& console);

}  // namespace cli
