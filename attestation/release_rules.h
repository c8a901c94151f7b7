#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "attestation/approval.h"
#include "attestation/known_values.h"
#include "base/units.h"
#include "kms/key_name.h"
#include "kms/release_policy.h"

/// Which key is for whom: what an approval says about a tenant's keys. Pure.
namespace attestation {

/// What a guest is known by to a key's policy: of an SNP guest the launch digest; else a SHA-256 over the names and
/// values that the approval holds against the evidence ("sha256 PCR 4 <hex>", "RTMR1 <hex>", sorted, one a line).
/// Initdata is left out, since policies name the guest itself, and so is a TPM's SHA-384 bank, which not everybody
/// quotes.
/// @param quoted values of evidence that was found genuine; those that the approval does not name do not count
kms::Measurement measurement_of(const QuotedValues& quoted, const ApprovedGuest& approved);
/// Each measurement_of() that the approval is content with: more than one when it allows several values of a register.
std::set<kms::Measurement> approved_measurements(const ApprovedGuest& approved);

/// The guest that a tenant's documents call "worker/0".
base::GuestId guest_id(const std::string& tenant, const std::string& guest);
/// "bootstrap/worker/0" of "worker/0". A bootstrap secret is a key without a disk.
kms::KeyName bootstrap_key(const std::string& guest);
/// "worker/0/data"
kms::KeyName volume_key(const std::string& guest, const std::string& volume);
/// One volume of one guest.
struct VolumeName {
  std::string guest;   ///< "worker/0"
  std::string volume;  ///< "data"
};
/// Of a path's last part, "worker-0-data"; nullopt when it is not that.
std::optional<VolumeName> volume_of_path_segment(std::string_view segment);

/// Every key that the approval gives to somebody, and to whom. A key that is not here is for nobody.
std::map<kms::KeyName, kms::ReleasePolicy> release_rules(const Approval& approval);

}  // namespace attestation
