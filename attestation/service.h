#pragma once
#include <functional>
#include <vector>

#include "attestation/approval.h"
#include "attestation/audit_log.h"
#include "attestation/rate_limit.h"
#include "attestation/request_handler.h"
#include "attestation/service_state.h"
#include "attestation/session_table.h"
#include "attestation/store.h"
#include "attestation/token.h"
#include "attestation/wire/kbs_messages.h"
#include "attestation/wire/tpm_evidence.h"

/// One tenant's attestation service, from request to response; server.h gives it sockets.
namespace attestation {

/// What the service is made of. References outlive it.
struct ServiceParts {
  std::string tenant;
  std::vector<base::PublicKey> approval_keys;
  TokenIssuer issuer;
  base::Secret storage_key;  ///< 32 bytes
  Store& store;
  AuditLog& audit;
  std::function<std::int64_t()> now_ms;                             ///< milliseconds since the epoch
  std::function<void(const std::string& envelope)> store_approval;  ///< keeps an accepted approval for the next start
};

class Service {
 public:
  explicit Service(ServiceParts parts);
  /// The guests' side: /kbs/v0/auth, /attest, /resource/bulkhead/bootstrap/POOL-INDEX; for relying parties the
  /// documents of discovery.h.
  Response answer_guest(const Request& request);
  /// The administrator's side: /v1/state, /v1/approval, /v1/guests/POOL-INDEX/key.
  Response answer_admin(const Request& request);
  /// Loads an approval after verifying it. @throws Error as verified_approval()
  void load_approval(std::string_view envelope);
  [[nodiscard]] ServiceState state();

 private:
  Response auth(const Request& request);
  Response attest(const Request& request);
  Response resource(const Request& request);
  Response put_approval(const Request& request);
  Response guest_key(const Request& request, const std::string& guest);
  /// Refuses: the reasons go to the audit log, the client learns only which entry of it has them.
  Response refused(const Request& request, const std::string& guest, const std::vector<std::string>& reasons,
                   std::string_view error_name = "AttestationError");
  /// Why the evidence is refused; empty when it is accepted. Sets `authentic` once the guest's own key has signed.
  std::vector<std::string> problems_of(const wire::AttestRequest& attestation, const wire::TpmEvidence& evidence,
                                       bool& authentic);
  std::optional<std::string> enrolment_problem(const std::string& guest, base::Bytes key);
  Response attested(const Request& request, SessionTable::Session& session, const wire::AttestRequest& attestation,
                    const wire::TpmEvidence& evidence);
  void keep_refusal(const std::string& guest, const std::vector<std::string>& reasons, bool authentic,
                    const base::Json& pcrs);
  void note_failure(const std::string& reason) noexcept;
  [[nodiscard]] bool knows(const std::string& guest);

  ServiceParts parts_;
  SessionTable sessions_;
  RateLimit rate_limit_{60, 4};
  std::optional<Approval> approval_;
};

}  // namespace attestation
