#include "provisioner/approval.h"

#include <algorithm>

#include "attestation/approval.h"
#include "attestation/release_rules.h"
#include "base/error.h"

namespace provisioner {
namespace {

using attestation::approval_payload_type;
using base::Json;

constexpr std::string_view schema = "bulkhead.approval/v1";

[[noreturn]] void refuse(const std::string& why) {
  throw base::Error(base::Kind::failure, why);
}

bool is_owner_key(const OwnerIntent& owner, const base::PublicKey& key) {
  return base::PublicKey::from_pem(owner.approval_key, "approvalKey of owner '" + owner.name + "'").fingerprint() ==
         key.fingerprint();
}

Json payload_json(const base::Envelope& envelope) {
  if (envelope.payload_type != approval_payload_type) {
    throw base::Error(base::Kind::malformed, "approval: the payload's type is '" + envelope.payload_type +
                                                 "', wanted '" + std::string(approval_payload_type) + "'");
  }
  return Json::parse(envelope.payload, "approval");
}

/// What of the payload is not as the intent says, in words.
std::string payload_difference(const Intent& intent, const Json& payload) {
  const std::string wanted = intent_digest(intent).hex();
  const Json* digest = payload.find("intentDigest");
  if (digest != nullptr && digest->is_string() && digest->text() != wanted) {
    return "it is for intent " + digest->text() + ", the plan's intent is " + wanted + "; plan and approve again";
  }
  return "its guests or reference values are not those of the plan's intent";
}

}  // namespace

std::string approval_payload(const Intent& intent, std::optional<std::int64_t> not_after, const IdBlocks& id_blocks) {
  if (!intent.resolved()) refuse("the plan is not resolved: build and measure the image, then plan again");
  Json::Array guests;
  for (const GuestIntent& guest : intent.guests) {
    Json approved = Json::Object{{"guest", guest.id.text()},
                                 {"initdataSha256", guest.initdata_sha256.hex()},
                                 {"referenceValues", guest.reference_values}};
    if (guest.hardware != attestation::HardwarePolicy{}) approved["hardware"] = guest.hardware.json();
    for (const VolumeIntent& volume : guest.volumes) approved["volumes"].push_back(volume.name);
    guests.push_back(std::move(approved));
  }
  Json payload = Json::Object{{"schema", schema},
                              {"tenant", intent.tenant.name},
                              {"tee", base::name_of(intent.tee)},
                              {"intentDigest", intent_digest(intent).hex()},
                              {"notAfter", not_after ? Json(*not_after) : Json()},
                              {"guests", guests}};
  if (!id_blocks.empty()) payload["idBlocks"] = id_blocks_json(id_blocks);
  return payload.compact();
}

std::map<kms::KeyName, kms::ReleasePolicy> keys_of(const Intent& intent) {
  if (!intent.resolved()) return {};
  return attestation::release_rules(attestation::Approval::parse(approval_payload(intent, std::nullopt)));
}

void approve(base::Envelope& envelope, const Intent& intent, std::optional<std::int64_t> not_after,
             const base::Signer& signer, const IdBlocks& id_blocks) {
  const base::PublicKey key = signer.public_key();
  if (std::none_of(intent.owners.begin(), intent.owners.end(),
                   [&](const auto& owner) { return is_owner_key(owner, key); })) {
    refuse("the key " + key.fingerprint().hex() + " is the approvalKey of no owner of tenant '" + intent.tenant.name +
           "'");
  }
  const std::string payload = approval_payload(intent, not_after, id_blocks);
  if (envelope.payload.empty()) {
    envelope.payload_type = approval_payload_type;
    envelope.payload = payload;
  }
  const Json signed_before = payload_json(envelope);
  if (envelope.payload != payload)
    refuse("the approval cannot be added to: " + payload_difference(intent, signed_before));
  refuse_other_id_blocks(intent, id_blocks);
  base::sign_envelope(envelope, signer);
}

std::vector<std::string> missing_owners(const Intent& intent, const base::Envelope& envelope) {
  std::vector<std::string> missing;
  for (const OwnerIntent& owner : intent.owners) {
    const auto key = base::PublicKey::from_pem(owner.approval_key, "approvalKey of owner '" + owner.name + "'");
    if (!base::signed_by(envelope, key)) missing.push_back(owner.name);
  }
  return missing;
}

std::optional<std::int64_t> approval_not_after(const base::Envelope& envelope) {
  const Json payload = payload_json(envelope);
  const Json& not_after = payload.at("notAfter");
  if (not_after.is_null()) return std::nullopt;
  return not_after.integer();
}

void refuse_unapproved(const Intent& intent, const base::Envelope& envelope, std::int64_t now) {
  const Json payload = payload_json(envelope);
  const std::optional<std::int64_t> not_after = approval_not_after(envelope);
  const IdBlocks id_blocks = approved_id_blocks(envelope);
  if (envelope.payload != approval_payload(intent, not_after, id_blocks)) {
    refuse("the approval does not approve this plan: " + payload_difference(intent, payload));
  }
  refuse_other_id_blocks(intent, id_blocks);
  std::string names;
  for (const std::string& owner : missing_owners(intent, envelope))
    names += (names.empty() ? "'" : ", '") + owner + "'";
  if (intent.owners.empty()) refuse("the tenant names no owner, so nobody can approve");
  if (!names.empty()) refuse("the approval lacks the signature of owner " + names + "; every owner must sign");
  if (not_after && now > *not_after) {
    refuse("the approval ended at " + std::to_string(*not_after) + " (seconds since the epoch), it is " +
           std::to_string(now));
  }
}

}  // namespace provisioner
