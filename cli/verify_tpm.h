#pragma once
#include <optional>
#include <string>

#include "cli/console.h"

namespace cli {

struct VerifyTpmOptions {
  std::string evidence;
  std::optional<std::string> key;  ///< a file with the enrolled attestation key
  std::optional<std::string> report_data;
  bool json = false;
};

/// Says whether evidence of a guest's software TPM is genuine. Exit 0 genuine; 5 not, or nobody knows whose key it is.
/// @throws base::Error{malformed} for files that do not parse; Error{usage} for flags that make no sense
int verify_tpm(const VerifyTpmOptions& options, Console& console);

}  // namespace cli
