#include "attestation/approval.h"

#include <algorithm>

#include "attestation/guest_name.h"
#include "attestation/wire/json_members.h"
#include "base/error.h"
#include "base/initdata.h"

namespace attestation {
namespace {

using base::Json;
using wire::object_member;
using wire::text_member;

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::Kind::malformed, "approval: " + what);
}

base::Sha256 digest_member(const Json& object, std::string_view key, const std::string& where) {
  const std::string& text = text_member(object, key, "approval: " + where);
  const std::optional<base::Sha256> digest = base::Sha256::parse(text);
  if (!digest) fail(where + ": " + std::string(key) + ": wanted 64 hexadecimal digits, got '" + text + "'");
  return *digest;
}

std::int64_t integer_member(const Json& object, std::string_view key, const std::string& where) {
  const Json& value = object.at(key);
  if (!value.is_integer()) fail(where + ": " + std::string(key) + ": wanted an integer");
  return value.integer();
}

measurement::Measurement parse_values(const Json& json, const std::string& guest) {
  try {
    return measurement::parse_reference_values(json);
  } catch (const base::Error& error) {
    fail(guest + ": " + error.what());
  }
}

std::vector<std::string> parse_volumes(const Json& json, const std::string& guest) {
  try {
    return base::parse_volume_names(json, guest + ": volumes");
  } catch (const base::Error& error) {
    fail(error.what());
  }
}

ApprovedGuest parse_guest(const Json& json) {
  base::expect_members(json, {"guest", "initdataSha256", "referenceValues", "hardware", "volumes"}, "approval: guests");
  ApprovedGuest guest;
  guest.guest = text_member(json, "guest", "approval: guests");
  if (!is_guest_name(guest.guest)) fail("guests: wanted POOL/INDEX, got '" + guest.guest + "'");
  guest.initdata = digest_member(json, "initdataSha256", guest.guest);
  guest.reference_values =
      parse_values(object_member(json, "referenceValues", "approval: " + guest.guest), guest.guest);
  if (const Json* hardware = json.find("hardware")) guest.hardware = HardwarePolicy::parse(*hardware);
  if (const Json* volumes = json.find("volumes")) guest.volumes = parse_volumes(*volumes, guest.guest);
  return guest;
}

std::map<std::string, measurement::SignedIdBlock> parse_id_blocks(const Json& json) {
  std::map<std::string, measurement::SignedIdBlock> blocks;
  base::expect_members(json, {"control", "worker"}, "approval: idBlocks");
  for (const auto& [pool, block] : json.object()) {
    try {
      blocks.emplace(pool, measurement::parse_signed_id_block(block));
    } catch (const base::Error& error) {
      fail("idBlocks: " + pool + ": " + error.what());
    }
  }
  return blocks;
}

Json guest_json(const ApprovedGuest& guest) {
  Json json = Json::Object{{"guest", guest.guest},
                           {"initdataSha256", guest.initdata.hex()},
                           {"referenceValues", measurement::reference_values_json(guest.reference_values)}};
  if (guest.hardware != HardwarePolicy{}) json["hardware"] = guest.hardware.json();
  if (!guest.volumes.empty()) json["volumes"] = Json::Array(guest.volumes.begin(), guest.volumes.end());
  return json;
}

}  // namespace

Approval Approval::parse(std::string_view payload) {
  const Json json = wire::parse_message(
      payload, {"schema", "tenant", "tee", "intentDigest", "notAfter", "guests", "idBlocks"}, "approval");
  if (text_member(json, "schema", "approval") != "bulkhead.approval/v1") fail("schema: wanted bulkhead.approval/v1");
  Approval approval{text_member(json, "tenant", "approval"),
                    text_member(json, "tee", "approval"),
                    digest_member(json, "intentDigest", "document"),
                    std::nullopt,
                    {}};
  if (const Json& limit = json.at("notAfter"); !limit.is_null()) {
    approval.not_after = integer_member(json, "notAfter", "document");
  }
  for (const Json& guest : json.at("guests").array()) {
    ApprovedGuest parsed = parse_guest(guest);
    if (approval.find(parsed.guest) != nullptr) fail("guests: " + parsed.guest + " is named twice");
    approval.guests.push_back(std::move(parsed));
  }
  if (const Json* const blocks = json.find("idBlocks")) approval.id_blocks = parse_id_blocks(*blocks);
  return approval;
}

Json Approval::json() const {
  Json::Array all;
  for (const ApprovedGuest& guest : guests) all.push_back(guest_json(guest));
  Json document = Json::Object{{"schema", "bulkhead.approval/v1"},    {"tenant", tenant},   {"tee", tee},
                               {"intentDigest", intent_digest.hex()}, {"notAfter", Json()}, {"guests", std::move(all)}};
  if (not_after) document["notAfter"] = *not_after;
  for (const auto& [pool, block] : id_blocks) document["idBlocks"][pool] = signed_id_block_json(block);
  return document;
}

const ApprovedGuest* Approval::find(std::string_view guest) const {
  const auto found =
      std::find_if(guests.begin(), guests.end(), [&](const ApprovedGuest& one) { return one.guest == guest; });
  return found == guests.end() ? nullptr : &*found;
}

base::Envelope approval_envelope(const Approval& approval) {
  return {std::string(approval_payload_type), approval.json().compact(), {}};
}

std::vector<std::string> missing_signatures(const base::Envelope& envelope, const std::vector<base::PublicKey>& keys) {
  std::vector<std::string> missing;
  for (const base::PublicKey& key : keys) {
    if (!base::signed_by(envelope, key)) missing.push_back(key.fingerprint().hex());
  }
  return missing;
}

Approval verified_approval(const base::Envelope& envelope, const std::vector<base::PublicKey>& keys,
                           std::string_view tenant, std::int64_t now) {
  const auto refuse = [](const std::string& why) { throw base::Error(base::Kind::failure, "approval: " + why); };
  if (keys.empty()) refuse("no approval key is configured");
  if (envelope.payload_type != approval_payload_type) fail("payload type: got '" + envelope.payload_type + "'");
  std::string names;
  for (const std::string& key : missing_signatures(envelope, keys)) names += (names.empty() ? "" : ", ") + key;
  if (!names.empty()) refuse("not signed by every owner; missing: " + names);
  Approval approval = Approval::parse(envelope.payload);
  if (approval.tenant != tenant) {
    refuse("wanted tenant '" + std::string(tenant) + "', got '" + approval.tenant + "'");
  }
  if (approval.not_after && now > *approval.not_after) refuse("expired at " + std::to_string(*approval.not_after));
  return approval;
}

}  // namespace attestation
