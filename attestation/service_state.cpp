#include "attestation/service_state.h"

#include <limits>

#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

Json or_null(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json();
}

std::optional<std::string> text_or_null(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.text());
}

LeaseState parse_lease(const Json& json) {
  base::expect_members(json, {"boot", "since", "renewed", "until", "standing", "ended"}, "service state: lease");
  return {json.at("boot").integer(),  json.at("since").integer(), json.at("renewed").integer(),
          json.at("until").integer(), json.at("standing").text(), json.at("ended").text()};
}

Json lease_json(const LeaseState& lease) {
  return Json::Object{{"boot", lease.boot},      {"since", lease.since_ms},    {"renewed", lease.renewed_ms},
                      {"until", lease.until_ms}, {"standing", lease.standing}, {"ended", lease.ended}};
}

CollateralItem parse_collateral(const Json& json) {
  base::expect_members(json, {"kind", "subject", "until"}, "service state: collateral");
  CollateralItem item{json.at("kind").text(), json.at("subject").text(), std::nullopt};
  if (!json.at("until").is_null()) item.until = json.at("until").integer();
  return item;
}

Json collateral_json(const CollateralItem& item) {
  return Json::Object{
      {"kind", item.kind}, {"subject", item.subject}, {"until", item.until ? Json(*item.until) : Json()}};
}

GuestState parse_guest(const Json& json) {
  base::expect_members(json, {"guest", "akSha256", "verdict", "lease"}, "service state: guests");
  GuestState guest{json.at("guest").text(), text_or_null(json.at("akSha256")), std::nullopt, std::nullopt};
  if (!json.at("lease").is_null()) guest.lease = parse_lease(json.at("lease"));
  if (!json.at("verdict").is_null()) guest.verdict = Verdict::parse(json.at("verdict"));
  return guest;
}

std::uint32_t version_of(const Json& json) {
  if (json.is_null()) return 0;
  const std::int64_t number = json.integer();
  if (number < 1 || number > std::numeric_limits<std::uint32_t>::max())
    throw base::Error(base::Kind::malformed, "key: version: got " + std::to_string(number));
  return static_cast<std::uint32_t>(number);
}

Json version_json(std::uint32_t number) {
  return number == 0 ? Json() : Json(number);
}

}  // namespace

KeyStanding KeyStanding::parse(const Json& json) {
  base::expect_members(json, {"name", "state", "version", "next", "unerased"}, "key");
  const std::int64_t unerased = json.at("unerased").integer();
  if (unerased < 0) throw base::Error(base::Kind::malformed, "key: unerased: got " + std::to_string(unerased));
  return {json.at("name").text(), kms::parse_key_state(json.at("state").text()), version_of(json.at("version")),
          version_of(json.at("next")), static_cast<std::size_t>(unerased)};
}

Json KeyStanding::json() const {
  return Json::Object{{"name", name},
                      {"state", kms::name_of(state)},
                      {"version", version_json(version)},
                      {"next", version_json(next)},
                      {"unerased", static_cast<std::int64_t>(unerased)}};
}

CredentialState CredentialState::parse(const Json& json) {
  base::expect_members(json, {"ends", "problem"}, "credential");
  CredentialState state{std::nullopt, text_or_null(json.at("problem")).value_or("")};
  if (!json.at("ends").is_null()) state.ends = json.at("ends").integer();
  return state;
}

Json CredentialState::json() const {
  return Json::Object{{"ends", ends ? Json(*ends) : Json()}, {"problem", problem.empty() ? Json() : Json(problem)}};
}

Verdict Verdict::parse(const Json& json) {
  base::expect_members(json, {"time", "result", "reasons", "pcrs", "claims"}, "verdict");
  const std::string& result = json.at("result").text();
  if (result != "attested" && result != "refused") {
    throw base::Error(base::Kind::malformed, "verdict: result: wanted attested or refused, got '" + result + "'");
  }
  Verdict verdict{json.at("time").integer(), result == "attested", {}, json.at("pcrs"), {}};
  if (const Json* claims = json.find("claims")) verdict.claims = *claims;  // a service before this one kept none
  for (const Json& reason : json.at("reasons").array()) verdict.reasons.push_back(reason.text());
  return verdict;
}

Json Verdict::json() const {
  Json::Array texts;
  for (const std::string& reason : reasons) texts.emplace_back(reason);
  return Json::Object{{"time", time_ms},
                      {"result", attested ? "attested" : "refused"},
                      {"reasons", std::move(texts)},
                      {"pcrs", pcrs},
                      {"claims", claims}};
}

ServiceState ServiceState::parse(std::string_view text) {
  const Json json = wire::parse_message(text,
                                        {"schema", "tenant", "intentDigest", "guests", "revocations", "auditHead",
                                         "collateral", "keys", "keyProblem", "passports", "credential", "certificates"},
                                        "service state");
  if (json.at("schema").text() != "bulkhead.attestd-state/v1") {
    throw base::Error(base::Kind::malformed, "service state: schema: wanted bulkhead.attestd-state/v1");
  }
  ServiceState state{
      json.at("tenant").text(), text_or_null(json.at("intentDigest")), {}, {}, json.at("auditHead").text()};
  for (const Json& one : json.at("revocations").array()) state.revocations.push_back(Revocation::parse(one));
  for (const Json& guest : json.at("guests").array()) state.guests.push_back(parse_guest(guest));
  if (const Json* const collateral = json.find("collateral")) {  // a service before this one says nothing
    for (const Json& item : collateral->array()) state.collateral.push_back(parse_collateral(item));
  }
  if (const Json* const keys = json.find("keys")) {  // likewise
    for (const Json& key : keys->array()) state.keys.push_back(KeyStanding::parse(key));
    state.key_problem = text_or_null(json.at("keyProblem")).value_or("");
  }
  if (const Json* const passports = json.find("passports")) state.passports = kms::parse_place(*passports, "passports");
  if (const Json* const credential = json.find("credential")) state.credential = CredentialState::parse(*credential);
  if (const Json* const certificates = json.find("certificates")) {  // likewise
    for (const Json& item : certificates->array()) state.certificates.push_back(parse_collateral(item));
  }
  return state;
}

Json ServiceState::json() const {
  Json::Array all;
  for (const GuestState& one : guests) {
    Json guest = Json::Object{
        {"guest", one.guest}, {"akSha256", or_null(one.ak_sha256)}, {"verdict", Json()}, {"lease", Json()}};
    if (one.lease) guest["lease"] = lease_json(*one.lease);
    if (one.verdict) guest["verdict"] = one.verdict->json();
    all.push_back(std::move(guest));
  }
  Json::Array revoked;
  for (const Revocation& one : revocations) revoked.push_back(one.json());
  Json::Array items;
  for (const CollateralItem& item : collateral) items.push_back(collateral_json(item));
  Json::Array own;
  for (const CollateralItem& item : certificates) own.push_back(collateral_json(item));
  Json::Array key_items;
  for (const KeyStanding& key : keys) key_items.push_back(key.json());
  Json state = Json::Object{
      {"schema", "bulkhead.attestd-state/v1"},  {"tenant", tenant},
      {"intentDigest", or_null(intent_digest)}, {"guests", std::move(all)},
      {"revocations", std::move(revoked)},      {"auditHead", audit_head},
      {"collateral", std::move(items)},         {"certificates", std::move(own)},
      {"keys", std::move(key_items)},           {"keyProblem", key_problem.empty() ? Json() : Json(key_problem)}};
  if (passports) state["passports"] = kms::to_json(*passports);
  if (credential) state["credential"] = credential->json();
  return state;
}

}  // namespace attestation
