#pragma once
#include <string>

#include "cli/console.h"

namespace cli {

struct VerifyDestructionOptions {
  std::string statement;  ///< as `destroy --shred-keys --keep-log` wrote it
  std::string ca;         ///< the tenant's CA certificate (PEM)
  bool json = false;
};

/// Says which keys a tenant's service stated to have destroyed, and when. Exit 0 when that service said so, 5 when not.
/// @throws base::Error{malformed} for files that do not parse
int verify_destruction(const VerifyDestructionOptions& options, Console& console);

}  // namespace cli
