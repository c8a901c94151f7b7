#pragma once
#include <string>

#include "attestation/revocation.h"
#include "cli/console.h"

namespace cli {

struct RevokeOptions {
  std::string tenant;
  attestation::Revocation::Kind kind = attestation::Revocation::Kind::guest;
  std::string value;   ///< as attestation::Revocation has it; upper-case hexadecimal is taken too
  std::string reason;  ///< for the audit log and `status`
  bool lift = false;
  std::string run = "/run/bulkhead";  ///< root of run-time files, where the service's socket is
};

/// Takes back, at once, what the approval allows, or lifts such a revocation again.
int revoke(const RevokeOptions& options, Console& console);

}  // namespace cli
