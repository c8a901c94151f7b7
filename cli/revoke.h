#pragma once
#include <string>

#include "attestation/revocation.h"
#include "cli/console.h"
#include "cli/service_access.h"

namespace cli {

struct RevokeOptions {
  std::string tenant;
  attestation::Revocation::Kind kind = attestation::Revocation::Kind::guest;
  std::string value;   ///< as attestation::Revocation has it; upper-case hexadecimal is taken too
  std::string reason;  ///< for the audit log and `status`
  bool lift = false;
  ServiceAccess service;
};

/// Takes back, at once, what the approval allows, or lifts such a revocation again.
int revoke(const RevokeOptions& options, Console& console);

}  // namespace cli
