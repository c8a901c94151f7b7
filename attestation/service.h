#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "attestation/approval.h"
#include "attestation/audit_log.h"
#include "attestation/backup.h"
#include "attestation/examination.h"
#include "attestation/guest_ca.h"
#include "attestation/guest_keys.h"
#include "attestation/metrics.h"
#include "attestation/platform_cache.h"
#include "attestation/rate_limit.h"
#include "attestation/request_handler.h"
#include "attestation/service_state.h"
#include "attestation/session_table.h"
#include "attestation/store.h"
#include "attestation/token_keys.h"
#include "kms/credential_life.h"

/// One tenant's attestation service, from request to response; server.h gives it sockets.
namespace attestation {

/// What the service is made of. References outlive it.
struct ServiceParts {
  std::string tenant;
  std::vector<base::PublicKey> approval_keys;
  TokenIssuer issuer;        ///< of the service bundle; rotated keys come from the store
  base::Secret nonce_key;    ///< 32 bytes
  base::Secret storage_key;  ///< 32 bytes; rotated token keys are sealed under it
  Store& store;
  kms::KeyStore& keys;
  AuditLog& audit;
  std::function<std::int64_t()> now_ms;                             ///< milliseconds since the epoch
  std::function<void(const std::string& envelope)> store_approval;  ///< keeps an accepted approval for the next start
  std::optional<GuestCa> guest_ca;                                  ///< without one no certificate is issued
  VendorCollateral collateral{};                                    ///< hardware evidence is verified with it
  std::function<VendorCollateral()> read_collateral{};              ///< reads it anew; @throws Error
  /// What a backup holds besides audit log and keys: the files of the state directory as they are now, by their paths
  /// in it.
  std::function<std::vector<base::TarMember>()> state_files{};
  std::string ca{};  ///< the tenant's CA (PEM), which must have certified the token keys of rotations
  /// Counts the writes of `keys`, for the audit log (key_generation.h); none where the provider keeps no count.
  std::function<std::uint64_t()> key_generation{};
  std::string key_obstacle{};  ///< why no key may be given; "" when there is none
  /// The same of the key store's own file; nothing when its records are elsewhere. Called as `keys` are: by work.
  std::function<std::vector<base::TarMember>()> key_files{};
  /// Where guests ask for their keys themselves, with the certificates that this service issues; then `keys` has their
  /// records and no key. nullopt when the service gives them.
  std::optional<kms::Place> passport_to{};
  kms::Credential* credential = nullptr;  ///< of `keys`, to be kept alive; nullptr: none
  std::string tls_certificate{};          ///< PEM, to tell when it ends
  std::string kms_certificate{};          ///< what it shows its KMS, likewise; "": nothing
};

/// The key store may be a slow or dead server: it is asked only by the work of Pending answers, one at a time.
class Service {
 public:
  explicit Service(ServiceParts parts);
  /// The guests' side: /kbs/v0/auth, /attest, /resource/bulkhead/{bootstrap,certificate,volume}/.., what became of
  /// volumes, and the signed time; for relying parties the documents of discovery.h. An owner (owner_name.h) is
  /// answered here as the administrator is.
  Answer begin_guest(const Request& request);
  /// The administrator's side: /v1/state, /v1/approval, /v1/guests/POOL-INDEX/{key,evidence}, /v1/token-key,
  /// /v1/backup, /v1/revocations, /v1/collateral, /v1/rotations, /v1/erasures, /v1/keys, /metrics.
  Answer begin_admin(const Request& request);
  /// The same for callers that wait for the key store.
  Response answer_guest(const Request& request) { return completed(begin_guest(request)); }
  Response answer_admin(const Request& request) { return completed(begin_admin(request)); }
  /// A request of a guest's connection that was begun and gets no answer.
  void note_dropped(const std::string& source, const std::string& why) noexcept;
  /// Loads an approval after verifying it. @throws Error as verified_approval(), and when an owner's key is revoked
  void load_approval(std::string_view envelope);
  [[nodiscard]] ServiceState state();
  /// Work for a service that starts: looks at every key and erases what interrupted changes left. What cannot be is
  /// told in the audit log, and `status` shows it.
  [[nodiscard]] Pending settle_keys();
  /// Work that keeps the credential of the key store alive, when it is due. The audit log is told when it fails, and
  /// when the credential ends and nothing averts it; `status` shows it.
  [[nodiscard]] Pending keep_credential();
  /// How long that has time; nullopt: for ever.
  [[nodiscard]] std::optional<std::chrono::milliseconds> credential_has_time() const;
  /// `kid` of the key that tokens are signed with.
  [[nodiscard]] std::string token_key_id() const { return token_keys_.id(); }

 private:
  using Reasons = std::vector<std::string>;

  // The guests' side (service_guests.cpp, service_resources.cpp).
  Answer routed_for_guest(const Request& request);
  Answer begin_owner(const Request& request, const std::string& owner);
  Response auth(const Request& request);
  Response attest(const Request& request);
  /// What the evidence is worth, with the lease and the revocations in view.
  Examination examined(const wire::AttestRequest& attestation, const std::string& tee);
  Response attested(const Request& request, SessionTable::Session& session, const wire::AttestRequest& attestation,
                    const Examination& found);
  Reasons rolled_back(const EvaluationNumbers& evaluation_numbers);
  void remember(const EvaluationNumbers& evaluation_numbers);
  void keep_refusal(const Examination& found);
  Answer resource(const Request& request);
  /// Whose token the request has, if it gives access; else the refusal.
  std::variant<TokenClaims, Response> admitted(const Request& request);
  Answer bootstrap_secret(const Request& request, const TokenClaims& claims);
  Answer volume_key_of(const Request& request, const TokenClaims& claims, const kms::KeyName& name);
  Answer volume_versions(const Request& request);
  Answer volume_formatted(const Request& request, const TokenClaims& claims, const kms::KeyName& name);
  Answer volume_rotated(const Request& request, const TokenClaims& claims, const kms::KeyName& name);
  /// What a guest tells of its volume.
  Answer volume_note(const Request& request);
  /// @param message what the guest is sent of the key
  Answer release(const Request& request, const TokenClaims& claims, const kms::KeyName& name,
                 base::Secret (*message)(ReleasedKey&& key));
  /// An answer that waits for the key store. @param ask about the key `name`, touching nothing but the store @param
  /// then the answer to what was granted, unless the guest or the approval is no longer what it was
  template <typename Granted>
  Answer from_key_store(const Request& request, const TokenClaims& claims, const kms::KeyName& name,
                        std::function<std::variant<Granted, kms::Refusal>(const Approval& approval)> ask,
                        std::function<Response(Granted& granted)> then);
  /// What a guest is told when the key store could not be asked; other problems are thrown again.
  Response key_store_failed(const Request& request, const std::string& guest, const kms::KeyName& name,
                            const std::exception_ptr& problem);
  /// Records who was given which key, and seals it to the guest's own key.
  Response released(const Request& request, const TokenClaims& claims, const kms::KeyName& name,
                    const kms::KeyStatus& status, base::Bytes plaintext);
  [[nodiscard]] kms::Requester requester(const TokenClaims& claims) const;
  Response certificate(const Request& request, const TokenClaims& claims);
  Response signed_time(const std::string& nonce);
  /// Why a valid token gives no access any more; nullopt when it does.
  std::optional<std::string> access_problem(const TokenClaims& claims);
  /// Refuses: the reasons go to the audit log, the client learns only which entry of it has them.
  Response refused(const Request& request, const std::string& guest, const Reasons& reasons,
                   std::string_view error_name = "AttestationError", unsigned status = 401);

  /// A request that can only be made again: the reason goes to the audit log, as with refused().
  Response not_now(const Request& request, const std::string& guest, const std::string& reason);

  // The administrator's side (service_admin.cpp).
  Answer routed_for_admin(const Request& request);
  Response put_approval(const Request& request);
  Response put_token_key(const Request& request);
  Answer make_backup(const Request& request);
  Response guest_key(const Request& request, const std::string& guest);
  Response reload_collateral();
  Response put_revocation(const Request& request);
  Response lift_revocation(const Request& request);
  void take_effect(const Revocation& revocation);
  [[nodiscard]] std::optional<std::string> revoked_owner_key() const;
  // service_key_admin.cpp
  struct KeyAct;
  Answer act_on_keys(KeyAct act);
  Answer put_rotations(const Request& request);
  Answer abandon_rotations(const Request& request);
  Answer settled_keys();
  Answer shred_keys();
  Response metrics_page();

  // Both (service.cpp).
  void record(std::string_view event, base::Json::Object facts);
  /// Of keys that were released or changed: with the store's generation after it, unless that is known to be wrong.
  void record_of_keys(std::string_view event, base::Json::Object facts);
  void note_failure(const std::string& reason) noexcept;
  void add_keys(ServiceState& state) const;
  // service_credential.cpp
  void add_credential(ServiceState& state) const;
  void note_credential(const std::string& problem_before);
  [[nodiscard]] std::optional<Lease> lease_of(const std::string& guest);
  /// Ends a lease before its time; its tokens are good for nothing from now on.
  void end_lease(const std::string& guest, const std::string& why);
  /// As end_lease(), and no later evidence is of that life: the guest gets another machine.
  void forget_life(const std::string& guest, const std::string& why);

  ServiceParts parts_;
  GuestKeys keys_;
  SessionTable sessions_;
  TokenKeys token_keys_;
  RateLimit source_limit_{60, 4};
  RateLimit guest_limit_{40, 1};  ///< of what costs signatures and is asked for in a guest's name
  Metrics metrics_;
  PlatformCache platforms_;                   ///< judged with `parts_.collateral`
  std::shared_ptr<const Approval> approval_;  ///< what waits for the key store keeps the one it began with
  std::vector<Revocation> revocations_;
  kms::CredentialLife credential_;
  std::string acting_owner_;  ///< while an owner's request is answered
};

}  // namespace attestation
