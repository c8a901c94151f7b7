#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "kms/tpm_sealed_file.h"

namespace kms {

/// A TPM 2.0 that seals keys to itself. Nothing of a call stays in the TPM, and no connection to it between calls.
/// Whoever can talk to the TPM has what is sealed to it, as long as the registers are what they were.
class SealingTpm {
 public:
  virtual ~SealingTpm() = default;
  /// A data object with `key` (32 bytes) below the storage root key. @param pcrs of the SHA-256 bank, as they are now
  /// @throws Error{host} when the TPM cannot be reached, is locked or its owner's hierarchy wants an authorisation;
  /// Error{failure} when it has no such bank
  virtual TpmSealedKey seal(const base::Secret& key, const std::vector<unsigned>& pcrs) = 0;
  /// @return the key. @throws Error{host} as above; Error{failure} when it was sealed to another TPM, registers differ
  /// from those it was sealed to, or the object was changed: each in words of its own
  virtual base::Secret unseal(const TpmSealedKey& key) = 0;
};

/// The one that most machines have, by the kernel's resource manager.
inline constexpr const char* default_tpm = "device:/dev/tpmrm0";

/// How a TPM is reached: device:PATH, or swtpm:OPTIONS for a software TPM. libtss2's loader would take more: each
/// other word is a library to load. @throws Error{malformed} naming `name`
std::string tpm_address(std::string address, std::string_view name);

/// The adapter of bulkhead-tpm.so, which alone of the room links tss2. Loads it from beside the program
/// (../lib/bulkhead) or the installed libdir. @param address as tpm_address() gave it
/// @throws Error{host} when it cannot be loaded
std::unique_ptr<SealingTpm> load_sealing_tpm(const std::string& address);

}  // namespace kms

/// The module's one exported symbol. The caller owns what it returns.
extern "C" kms::SealingTpm* bulkhead_sealing_tpm(const std::string& address);
