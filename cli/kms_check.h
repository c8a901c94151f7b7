#pragma once
#include <string>
#include <vector>

#include "cli/console.h"

namespace cli {

struct KmsCheckOptions {
  std::string connection;            ///< bulkhead.kms-connection/v1
  std::vector<std::string> foreign;  ///< kms::CheckOptions
  bool try_key = false;
  bool json = false;
};

/// Whether a tenant's KMS is reached, refuses its credential what is another's, and has release rules that mean
/// something. Exit 0 when it does, 1 when a check failed.
int check_kms(const KmsCheckOptions& options, Console& console);

}  // namespace cli
