#pragma once
#include <chrono>
#include <optional>

#include "attestation/wire/http_client.h"
#include "attestation/wire/kbs_messages.h"
#include "attestation/wire/tpm_evidence.h"
#include "base/secret.h"

namespace attestation::wire {

/// What the guest brings to an attestation; implemented over the TPM.
class EvidenceMaker {
 public:
  virtual ~EvidenceMaker() = default;
  /// The initdata document, verbatim.
  virtual InitData init_data() = 0;
  /// Quotes with `report_data` (32 bytes) as qualifying data.
  virtual TpmEvidence evidence(base::Bytes report_data) = 0;
};

/// One attestation that asks for nothing: it renews the guest's lease.
/// @return after how long the service wants the next one (`cvm.reattestSeconds` of its token, 10 s to a day); nullopt
/// when it does not say, as Trustee's does not. Throws as fetch_resource().
std::optional<std::chrono::seconds> attest(HttpClient& service, EvidenceMaker& maker);

/// The whole exchange: request, challenge, attestation, resource. The secret is opened with a key made here.
/// @param path below /kbs/v0/: "resource/bulkhead/bootstrap/worker-0"
/// @throws Error{not_attested} with the service's own words when it refuses; Error{host} when it cannot be reached
base::Secret fetch_resource(HttpClient& service, EvidenceMaker& maker, std::string_view path);

}  // namespace attestation::wire
