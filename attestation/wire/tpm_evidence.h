#pragma once
#include <optional>
#include <vector>

#include "base/digest.h"
#include "base/json.h"

/// Evidence of a TPM as Trustee's `tpm` attester sends it, with Bulkhead's own part under "bulkhead".
/// Source: docs/attestation.md, "Evidence".
namespace attestation::wire {

/// One TPM2_Quote over PCR 0 to 23 of one bank.
struct TpmQuote {
  base::Buffer signature;          ///< marshalled TPMT_SIGNATURE
  base::Buffer message;            ///< marshalled TPMS_ATTEST
  std::vector<base::Buffer> pcrs;  ///< 24 values, 32 bytes each (SHA-256) or 48 (SHA-384)
  bool operator==(const TpmQuote&) const = default;
};

/// What only Bulkhead's guests send.
struct BulkheadEvidence {
  std::string guest;       ///< "worker/0"
  base::Buffer event_log;  ///< binary_bios_measurements
  TpmQuote sha384_quote;
  bool operator==(const BulkheadEvidence&) const = default;
};

struct TpmEvidence {
  base::Buffer ak_public;  ///< DER SubjectPublicKeyInfo
  TpmQuote quote;          ///< the SHA-256 bank
  std::optional<BulkheadEvidence> bulkhead;
  bool operator==(const TpmEvidence&) const = default;

  /// @throws Error{malformed} naming the member
  static TpmEvidence parse(const base::Json& json);
  [[nodiscard]] base::Json json() const;
};

}  // namespace attestation::wire
