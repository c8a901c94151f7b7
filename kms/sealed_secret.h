#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "kms/sealing_tpm.h"

namespace kms {

/// Seals a secret file's content to a TPM: a new random key, which the TPM keeps, and AES-256-GCM.
/// @param secret 1 byte to 512 KiB. @throws Error as SealingTpm::seal()
TpmSealedFile sealed_to(SealingTpm& tpm, const base::Secret& secret, const std::vector<unsigned>& pcrs);
/// @throws Error as SealingTpm::unseal(), and Error{failure} when the content or anything beside it was changed
base::Secret opened_with(SealingTpm& tpm, const TpmSealedFile& file, std::string_view name);

/// What a secret file holds: its content, opened when that is sealed to a TPM (`bulkhead.tpm-sealed/v1`).
/// @param tpm tpm_address(), asked only for a sealed file. @throws Error as base::read_secret_file() and opened_with()
base::Secret read_secret(const std::string& path, const std::string& tpm);

/// A secret file that must be itself, for use on another machine than its owner's TPM.
/// @throws Error{failure} when it is sealed, naming `name`, with `why`
void expect_not_sealed(const base::Secret& content, std::string_view name, std::string_view why);

}  // namespace kms
