#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "attestation/collateral_items.h"
#include "attestation/revocation.h"
#include "base/json.h"
#include "kms/key_life.h"
#include "kms/place.h"

/// What the service tells an administrator (`bulkhead.attestd-state/v1`).
namespace attestation {

/// What came of a guest's latest attestation.
struct Verdict {
  std::int64_t time_ms = 0;  ///< milliseconds since the epoch
  bool attested = false;
  std::vector<std::string> reasons;        ///< of a refusal
  base::Json pcrs = base::Json::Object{};  ///< {"sha256":{"0":hex,..},"sha384":{..}}
  base::Json claims;  ///< what the token of this attestation states (stated_claims()); null without one

  /// @throws Error{malformed}
  static Verdict parse(const base::Json& json);
  [[nodiscard]] base::Json json() const;
};

/// Which boot of the guest the service's answers are for, and until when.
struct LeaseState {
  std::int64_t boot = 0;  ///< lives of the guest seen, this one included
  std::int64_t since_ms = 0, renewed_ms = 0, until_ms = 0;
  std::string standing;  ///< "current", "lapsed" (no attestation in time), "ended"
  std::string ended;     ///< why it ended before its time
};

struct GuestState {
  std::string guest;                     ///< "worker/0"
  std::optional<std::string> ak_sha256;  ///< hex SHA-256 of the enrolled key's SubjectPublicKeyInfo
  std::optional<Verdict> verdict;
  std::optional<LeaseState> lease;
};

/// A key of the tenant's (kms::KeyStatus).
struct KeyStanding {
  std::string name;  ///< "worker/0/data"
  kms::KeyState state = kms::KeyState::never_formatted;
  std::uint32_t version = 0;  ///< 0 when destroyed
  std::uint32_t next = 0;     ///< 0 unless rotating
  std::size_t unerased = 0;   ///< older versions whose material is still to be erased

  /// {"name","state","version","next","unerased"}, null in place of the zeros of versions. @throws Error{malformed}
  static KeyStanding parse(const base::Json& json);
  [[nodiscard]] base::Json json() const;
};

/// What is to be known of a credential that the keys are reached with.
struct CredentialState {
  std::optional<std::int64_t> ends;  ///< seconds since the epoch; nullopt: not known, or never
  std::string problem;               ///< why it is not renewed; "" when it cannot be

  /// {"ends","problem"}, each null when there is none. @throws Error{malformed}
  static CredentialState parse(const base::Json& json);
  [[nodiscard]] base::Json json() const;
};

struct ServiceState {
  std::string tenant;
  std::optional<std::string> intent_digest;  ///< of the loaded approval, hex
  std::vector<GuestState> guests;            ///< approved or enrolled, sorted by name
  std::vector<Revocation> revocations;
  std::string audit_head;                    ///< hex SHA-256 of the audit log's last line
  std::vector<CollateralItem> collateral{};  ///< what it verifies hardware evidence with
  std::vector<KeyStanding> keys{};           ///< sorted by name
  std::string key_problem{};  ///< why the service gives no key to anybody, or cannot say which there are; "" otherwise
  std::optional<kms::Place> passports{};  ///< where guests ask for the keys themselves; these are then their records
  std::optional<CredentialState> credential{};  ///< when it ends soon or is not renewed
  std::vector<CollateralItem> certificates{};   ///< the service's own (own_certificates.h)

  static ServiceState parse(std::string_view text);
  [[nodiscard]] base::Json json() const;
};

}  // namespace attestation
