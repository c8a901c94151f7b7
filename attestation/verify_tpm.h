#pragma once
#include <string>

#include "attestation/lease.h"
#include "attestation/wire/tpm_evidence.h"

/// Is the evidence genuine?
namespace attestation {

/// Whether the quotes (one, or both with a `bulkhead` member) were made in one boot by the TPM that holds
/// `enrolled_key`, for this challenge, over the PCR values sent.
/// @param enrolled_key DER SubjectPublicKeyInfo, exactly as enrolled
/// @param report_data 32 bytes the quotes must carry
/// @return what is wrong, one sentence each; empty when the evidence is genuine. Never throws for bad evidence.
std::vector<std::string> genuineness_problems(const wire::TpmEvidence& evidence, base::Bytes enrolled_key,
                                              base::Bytes report_data);

/// Which boot of its machine genuine evidence is of. @throws Error{malformed}
Life life_of(const wire::TpmEvidence& evidence);

}  // namespace attestation
