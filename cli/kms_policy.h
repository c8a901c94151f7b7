#pragma once
#include <string>

#include "cli/console.h"

namespace cli {

struct KmsPolicyOptions {
  std::string tenant;  ///< a tenant file with `kms: {provider: openbao}`
  bool json = false;
};

/// Prints what an owner writes into her OpenBao so that her service, or in the passport model her guests, can come to
/// it: a script of `bao` commands, or bulkhead.kms-policy/v1. Asks no server. Exit 0; 1 or 3 as `check` when the tenant
/// file has findings.
/// @throws Error{failure} when there is not one tenant of that provider, or a certificate cannot be read
int kms_policy(const KmsPolicyOptions& options, Console& console);

}  // namespace cli
