#pragma once
#include <optional>

#include "base/bytes.h"
#include "base/json.h"

/// Evidence of a TDX guest as Trustee's `tdx` attester sends it. Source: docs/attestation.md, "Verifying TDX quotes".
namespace attestation::wire {

struct TdxEvidence {
  base::Buffer quote;
  std::optional<base::Buffer> event_log;  ///< of the guest's firmware and kernel (CCEL)

  /// {"quote": "<base64>", "cc_eventlog": "<base64>" or null}; unknown members are ignored.
  /// @throws Error{malformed} naming the member
  static TdxEvidence parse(const base::Json& json);
  [[nodiscard]] base::Json json() const;
};

}  // namespace attestation::wire
