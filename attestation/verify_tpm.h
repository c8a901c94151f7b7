#pragma once
#include <optional>
#include <string>

#include "attestation/check.h"
#include "attestation/lease.h"
#include "attestation/wire/tpm_evidence.h"

/// Is the evidence genuine?
namespace attestation {

/// What the caller knows of the evidence beforehand.
struct TpmExpectation {
  std::optional<base::Buffer> enrolled_key;  ///< DER SubjectPublicKeyInfo, exactly as enrolled
  std::optional<base::Buffer> report_data;   ///< 32 bytes the quotes must carry
};

struct TpmVerification {
  std::vector<Check> checks;      ///< one about the report data only when it is expected
  bool signatures_valid = false;  ///< under the key that the evidence itself names: says nothing about who holds it
  [[nodiscard]] bool genuine() const { return all_mandatory_ok(checks); }
};

/// Whether the quotes (one, or both with a `bulkhead` member) were made in one boot by the TPM that holds the enrolled
/// key, for this challenge, over the PCR values sent. Without an enrolled key nobody knows whose TPM it is, and
/// evidence is never genuine: a software TPM's key is as good as any. Never throws for bad evidence.
TpmVerification verify_tpm(const wire::TpmEvidence& evidence, const TpmExpectation& expected);

/// What verify_tpm() finds wrong under `enrolled_key`, one sentence each; empty when the evidence is genuine.
std::vector<std::string> genuineness_problems(const wire::TpmEvidence& evidence, base::Bytes enrolled_key,
                                              base::Bytes report_data);

/// Which boot of its machine genuine evidence is of. @throws Error{malformed}
Life life_of(const wire::TpmEvidence& evidence);

}  // namespace attestation
