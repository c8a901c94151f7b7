#pragma once
#include <optional>
#include <string>

#include "cli/console.h"

namespace cli {

struct HostIdentityOptions {
  std::optional<std::string> report;  ///< an SNP report made on that host, instead of its device
  std::string device = "/dev/sev";    ///< not a flag: for tests
  std::optional<std::string> quote;   ///< a TDX quote made on that host, or its PCK certificate
  bool json = false;
};

/// Says what an offline site needs to obtain of AMD for a host: product, chip ids, TCB, and where the certificates are;
/// or of Intel (tdx_host_identity.h).
/// Exit 4 when this host has no SEV, or its firmware does not answer.
int host_identity(const HostIdentityOptions& options, Console& console);

}  // namespace cli
