#pragma once
#include <string>
#include <vector>

#include "cli/console.h"
#include "kms/sealing_tpm.h"

namespace cli {

/// A secret file sealed to this machine's TPM (`bulkhead.tpm-sealed/v1`), and tried: the TPM opens what is written.
struct SealOptions {
  std::string file;  ///< mode 0600; it stays as it is
  std::string out;
  std::string tpm = kms::default_tpm;  ///< kms::tpm_address()
  std::vector<unsigned> pcrs;          ///< of the SHA-256 bank, in any order
};
int seal_file(const SealOptions& options, Console& console);

/// The file in a sealed one, by the TPM that it is sealed to.
struct UnsealOptions {
  std::string sealed;
  std::string out;
  std::string tpm = kms::default_tpm;
};
int unseal_file(const UnsealOptions& options, Console& console);

}  // namespace cli
