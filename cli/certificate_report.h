#pragma once
#include "cli/console.h"
#include "provisioner/collateral_standing.h"

namespace cli {

/// Prints which certificates of services end within a month, in yellow, and which have ended, in red.
/// @return whether one has ended
bool print_certificate_warnings(const provisioner::CertificateWarnings& warnings, Console& console);

}  // namespace cli
