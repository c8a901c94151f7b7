#pragma once
#include <chrono>
#include <memory>
#include <optional>

#include "attestation/wire/http_client.h"
#include "attestation/wire/kbs_messages.h"
#include "attestation/wire/volume_keys.h"
#include "attestation/wire/volume_rotation.h"
#include "base/crypto.h"
#include "base/secret.h"

namespace attestation::wire {

/// What the guest brings to an attestation; the guest program implements it for each TEE.
class EvidenceMaker {
 public:
  virtual ~EvidenceMaker() = default;
  /// The protocol's name of the evidence: "tpm", "snp" or "tdx".
  [[nodiscard]] virtual std::string_view tee() const = 0;
  /// The initdata document, verbatim.
  virtual InitData init_data() = 0;
  /// The member `primary_evidence` of an attestation. @param digest runtime_data_digest(): what the evidence must carry
  virtual base::Json primary_evidence(const base::Sha384& digest) = 0;
  /// The key, EC P-256, that secrets are encrypted to and certificates are for: a new one for each session, but where
  /// the guest is known by it.
  [[nodiscard]] virtual base::PrivateKey session_key() {
    return base::PrivateKey::generate(base::PrivateKey::Type::p256);
  }
};

/// A service that has accepted this guest's evidence, for the five minutes of a session. Everything throws
/// Error{not_attested} with the service's own words when it refuses, Error{host} when it cannot be reached or asks to
/// come back later.
class AttestedSession {
 public:
  /// Request, challenge, attestation: it renews the guest's lease. @param service outlives this
  AttestedSession(HttpClient& service, EvidenceMaker& maker);
  /// After how long the service wants the next attestation (`cvm.reattestSeconds` of its token, 10 s to a day); nullopt
  /// when it does not say, as Trustee's does not.
  [[nodiscard]] std::optional<std::chrono::seconds> next_attestation() const;
  /// Opened with the key that was attested. @param path below /kbs/v0/: "resource/bulkhead/bootstrap/worker-0"
  base::Secret resource(std::string_view path);
  /// Who this guest is to others: the tenant's certificate for the key that was attested. @param guest "worker-0"
  ClientIdentity identity(std::string_view guest);
  /// The keys of a volume of this guest. @param volume "worker-0-data", here and below
  VolumeKeys volume_keys(std::string_view volume);
  /// Which versions of the volume's key there are.
  VolumeVersions volume_versions(std::string_view volume);
  /// Tells the service that the volume is formatted.
  void note_formatted(std::string_view volume);
  /// Tells the service that this next version opens the volume, too. When it returns the version before is gone there.
  void note_rotated(std::string_view volume, std::uint32_t version);

 private:
  HttpClient& service_;
  base::PrivateKey private_key_;
  base::EcdhKey key_;  ///< the same
  std::string token_;
};

/// A session for one resource. @throws as AttestedSession
base::Secret fetch_resource(HttpClient& service, EvidenceMaker& maker, std::string_view path);

}  // namespace attestation::wire
