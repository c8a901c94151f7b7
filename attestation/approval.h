#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "attestation/hardware_policy.h"
#include "base/digest.h"
#include "base/dsse.h"
#include "measurement/measure.h"
#include "measurement/signed_id_block.h"

/// What the owners approved: reference values and the initdata digest of every guest (`bulkhead.approval/v1`).
/// Source: docs/architecture.md, "Approval".
namespace attestation {

inline constexpr std::string_view approval_payload_type = "application/vnd.bulkhead.approval+json";

struct ApprovedGuest {
  std::string guest;  ///< "worker/0"
  base::Sha256 initdata;
  measurement::Measurement reference_values;
  HardwarePolicy hardware{};           ///< of what is below the guest; for `emulated` it says nothing
  std::vector<std::string> volumes{};  ///< names; each has a key that this guest is given (release_rules.h)
  bool operator==(const ApprovedGuest&) const = default;
  /// nullptr for another TEE.
  [[nodiscard]] const measurement::TpmReferenceValues* tpm() const {
    return std::get_if<measurement::TpmReferenceValues>(&reference_values);
  }
};

struct Approval {
  std::string tenant;
  std::string tee;
  base::Sha256 intent_digest;
  std::optional<std::int64_t> not_after;  ///< seconds since the epoch
  std::vector<ApprovedGuest> guests;
  /// What SNP guests are launched with, by pool ("worker"). The hardware holds a launch to them; nobody else must.
  std::map<std::string, measurement::SignedIdBlock> id_blocks{};
  bool operator==(const Approval&) const = default;

  /// @throws Error{malformed} naming member and guest; a guest named twice is malformed too
  static Approval parse(std::string_view payload);
  [[nodiscard]] base::Json json() const;
  /// nullptr when the approval does not name the guest.
  [[nodiscard]] const ApprovedGuest* find(std::string_view guest) const;
};

/// An envelope, not yet signed, around the compact text of `approval`.
base::Envelope approval_envelope(const Approval& approval);
/// The fingerprints (hex SHA-256 of the SubjectPublicKeyInfo) of the keys that have not signed.
std::vector<std::string> missing_signatures(const base::Envelope& envelope, const std::vector<base::PublicKey>& keys);
/// Verifies that every one of `keys` (at least one) has signed, and parses.
/// @param now seconds since the epoch
/// @throws Error{failure} naming the missing keys, another tenant's approval or an expired one; Error{malformed}
Approval verified_approval(const base::Envelope& envelope, const std::vector<base::PublicKey>& keys,
                           std::string_view tenant, std::int64_t now);

}  // namespace attestation
