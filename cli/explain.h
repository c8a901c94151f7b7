#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/sev_options.h"

namespace cli {

/// The unexpected digest, and the launch it was expected of: from flags, or from a plan.
struct ExplainOptions {
  std::optional<std::string> digest;  ///< hexadecimal, with or without "0x"
  std::optional<std::string> report;  ///< a file with an SNP report
  std::optional<std::string> as;      ///< snp, sev-es, sev or pcr; absent: what the digest's length allows
  BootFileOptions files;
  VcpuOptions vcpu;
  std::string vmm = "qemu";
  std::string memory = "2048", machine = "q35";
  std::optional<std::string> plan, tenant;
  std::string plans = ".";           ///< directory of TENANT.plan.json
  std::optional<std::string> guest;  ///< of the plan: "worker", "worker/0"
  std::vector<std::string> images;   ///< folders with boot files
  std::optional<std::string> event_log;
  bool json = false;
};

/// Says which launch near the planned one has the digest. Exit 0 when one has, 5 when none has.
/// @throws Error{usage} when the flags make no sense; Error{malformed} for files that do not parse
int explain(const ExplainOptions& options, Console& console);

}  // namespace cli
