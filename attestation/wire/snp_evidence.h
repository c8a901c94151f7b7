#pragma once
#include "base/json.h"
#include "base/x509.h"

/// Evidence of an SNP guest as Trustee's `snp` attester sends it. Source: docs/attestation.md, "Evidence".
namespace attestation::wire {

struct SnpEvidence {
  base::Buffer report;        ///< 1184 bytes, as the firmware made them
  base::X509Objects brought;  ///< what came with it: VCEK or VLEK, perhaps its issuers; the host chose them

  /// {"attestation_report": {field by field}, "cert_chain": null or [{"cert_type", "data": [bytes]}]}: the report is
  /// put together again, TCB versions in the order of the processor's family. Or, our own: {"report": "<base64>"}.
  /// Unknown members are ignored, optional ones of other versions of the sev crate may be absent.
  /// @throws Error{malformed} naming the member
  static SnpEvidence parse(const base::Json& json);
};

/// The same from a guest: field by field, so that Trustee reads it too; a report of which that would lose a byte goes
/// as our `report`.
/// @param report 1184 bytes @param certificate_table what came beside it (snp_certificate_table.h); may be empty
/// @throws Error{malformed} when the report has another size or the table is none
base::Json snp_evidence_json(base::Bytes report, base::Bytes certificate_table);

}  // namespace attestation::wire
