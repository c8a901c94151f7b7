#include "guest/evidence.h"

namespace guest {

attestation::wire::TpmEvidence TpmEvidenceMaker::evidence(base::Bytes report_data) {
  return {.ak_public = tpm_.attestation_key(),
          .quote = tpm_.quote(Tpm::Bank::sha256, report_data),
          .bulkhead = attestation::wire::BulkheadEvidence{
              .guest = guest_, .event_log = event_log_, .sha384_quote = tpm_.quote(Tpm::Bank::sha384, report_data)}};
}

}  // namespace guest
