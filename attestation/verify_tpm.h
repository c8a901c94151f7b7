#pragma once
#include <string>

#include "attestation/wire/tpm_evidence.h"

/// Is the evidence genuine?
namespace attestation {

/// Whether both quotes were made by the TPM that holds `enrolled_key`, for this challenge, over the PCR values sent.
/// @param enrolled_key DER SubjectPublicKeyInfo, exactly as enrolled
/// @param report_data 32 bytes the quotes must carry
/// @return what is wrong, one sentence each; empty when the evidence is genuine. Never throws for bad evidence.
std::vector<std::string> genuineness_problems(const wire::TpmEvidence& evidence, base::Bytes enrolled_key,
                                              base::Bytes report_data);

}  // namespace attestation
