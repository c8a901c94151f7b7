#include "attestation/approval.h"

#include <algorithm>
#include <charconv>

#include "attestation/guest_name.h"
#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;
using wire::object_member;
using wire::text_member;

[[noreturn]] void fail(const std::string& what) {
  throw base::Error(base::Kind::malformed, "approval: " + what);
}

template <typename Digest>
Digest digest_of(const std::string& text, const std::string& where) {
  const std::optional<Digest> digest = Digest::parse(text);
  if (!digest) fail(where + ": wanted " + std::to_string(2 * Digest::size) + " hexadecimal digits, got '" + text + "'");
  return *digest;
}

template <typename Digest>
Digest digest_member(const Json& object, std::string_view key, const std::string& where) {
  return digest_of<Digest>(text_member(object, key, "approval: " + where), where + ": " + std::string(key));
}

unsigned pcr_number(std::string_view text, const std::string& where) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool canonical = error == std::errc() && std::to_string(number) == text;
  if (!canonical || number > 23) fail(where + ": wanted a PCR from 0 to 23, got '" + std::string(text) + "'");
  return number;
}

std::int64_t integer_member(const Json& object, std::string_view key, const std::string& where) {
  const Json& value = object.at(key);
  if (!value.is_integer()) fail(where + ": " + std::string(key) + ": wanted an integer");
  return value.integer();
}

template <typename Digest>
std::map<unsigned, Digest> parse_bank(const Json& pcrs, std::string_view bank, const std::string& where) {
  std::map<unsigned, Digest> values;
  for (const auto& [number, value] : object_member(pcrs, bank, "approval: " + where).object()) {
    const unsigned pcr = pcr_number(number, where);
    values[pcr] = digest_of<Digest>(value.text(), where + ": PCR " + number);
  }
  return values;
}

ApprovedEvent parse_event(const Json& json, const std::string& where) {
  base::expect_members(json, {"pcr", "type", "what", "sha256", "sha384"}, "approval: " + where);
  const std::int64_t pcr = integer_member(json, "pcr", where);
  if (pcr < 0 || pcr > 23) fail(where + ": pcr: wanted 0 to 23, got " + std::to_string(pcr));
  return {static_cast<unsigned>(pcr), json.at("type").text(), json.at("what").text(),
          digest_member<base::Sha256>(json, "sha256", where), digest_member<base::Sha384>(json, "sha384", where)};
}

TpmReferenceValues parse_tpm(const Json& json, const std::string& where) {
  base::expect_members(json, {"pcrs", "events"}, "approval: " + where);
  const Json& pcrs = object_member(json, "pcrs", "approval: " + where);
  base::expect_members(pcrs, {"sha256", "sha384"}, "approval: " + where + ": pcrs");
  TpmReferenceValues values{parse_bank<base::Sha256>(pcrs, "sha256", where + ": sha256"),
                            parse_bank<base::Sha384>(pcrs, "sha384", where + ": sha384"),
                            {}};
  for (const Json& event : json.at("events").array()) values.events.push_back(parse_event(event, where + ": events"));
  return values;
}

SnpReferenceValues parse_snp(const Json& json, const std::string& where) {
  base::expect_members(json, {"launchDigest", "hostData", "policy", "guestSvn"}, "approval: " + where);
  return {digest_member<base::Sha384>(json, "launchDigest", where),
          digest_member<base::Sha256>(json, "hostData", where), integer_member(json, "policy", where),
          integer_member(json, "guestSvn", where)};
}

ApprovedGuest parse_guest(const Json& json) {
  base::expect_members(json, {"guest", "initdataSha256", "referenceValues"}, "approval: guests");
  ApprovedGuest guest;
  guest.guest = text_member(json, "guest", "approval: guests");
  if (!is_guest_name(guest.guest)) fail("guests: wanted POOL/INDEX, got '" + guest.guest + "'");
  guest.initdata = digest_member<base::Sha256>(json, "initdataSha256", guest.guest);
  const Json& values = object_member(json, "referenceValues", "approval: " + guest.guest);
  base::expect_members(values, {"tpm", "snp"}, "approval: " + guest.guest + ": referenceValues");
  if (values.find("tpm") != nullptr) guest.tpm = parse_tpm(values.at("tpm"), guest.guest + ": tpm");
  if (values.find("snp") != nullptr) guest.snp = parse_snp(values.at("snp"), guest.guest + ": snp");
  return guest;
}

template <typename Digest>
Json bank_json(const std::map<unsigned, Digest>& bank) {
  Json::Object values;
  for (const auto& [number, digest] : bank) values[std::to_string(number)] = digest.hex();
  return values;
}

Json tpm_json(const TpmReferenceValues& values) {
  Json::Array events;
  for (const ApprovedEvent& event : values.events) {
    events.emplace_back(Json::Object{{"pcr", event.pcr},
                                     {"type", event.type},
                                     {"what", event.what},
                                     {"sha256", event.sha256.hex()},
                                     {"sha384", event.sha384.hex()}});
  }
  const Json pcrs = Json::Object{{"sha256", bank_json(values.sha256)}, {"sha384", bank_json(values.sha384)}};
  return Json::Object{{"pcrs", pcrs}, {"events", std::move(events)}};
}

Json guest_json(const ApprovedGuest& guest) {
  Json values = Json::Object{};
  if (guest.tpm) values["tpm"] = tpm_json(*guest.tpm);
  if (guest.snp) {
    values["snp"] = Json::Object{{"launchDigest", guest.snp->launch_digest.hex()},
                                 {"hostData", guest.snp->host_data.hex()},
                                 {"policy", guest.snp->policy},
                                 {"guestSvn", guest.snp->guest_svn}};
  }
  return Json::Object{
      {"guest", guest.guest}, {"initdataSha256", guest.initdata.hex()}, {"referenceValues", std::move(values)}};
}

}  // namespace

Approval Approval::parse(std::string_view payload) {
  const Json json =
      wire::parse_message(payload, {"schema", "tenant", "tee", "intentDigest", "notAfter", "guests"}, "approval");
  if (text_member(json, "schema", "approval") != "bulkhead.approval/v1") fail("schema: wanted bulkhead.approval/v1");
  Approval approval{text_member(json, "tenant", "approval"),
                    text_member(json, "tee", "approval"),
                    digest_member<base::Sha256>(json, "intentDigest", "document"),
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
  return approval;
}

Json Approval::json() const {
  Json::Array all;
  for (const ApprovedGuest& guest : guests) all.push_back(guest_json(guest));
  Json document = Json::Object{{"schema", "bulkhead.approval/v1"},    {"tenant", tenant},   {"tee", tee},
                               {"intentDigest", intent_digest.hex()}, {"notAfter", Json()}, {"guests", std::move(all)}};
  if (not_after) document["notAfter"] = *not_after;
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
