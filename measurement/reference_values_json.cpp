#include <algorithm>

#include "base/encoding.h"
#include "base/error.h"
#include "measurement/measure.h"
#include "measurement/prediction.h"
#include "measurement/td_events.h"
#include "measurement/vmm_profile.h"

namespace measurement {
namespace {

using base::Json;

[[noreturn]] void refuse(const std::string& what) {
  throw base::Error(base::Kind::malformed, "reference values: " + what);
}

template <typename Digest>
Digest digest_of(const Json& json, const std::string& name) {
  const auto digest = Digest::parse(json.text());
  if (!digest || digest->hex() != json.text())
    refuse(name + " is '" + json.text() + "', wanted " + std::to_string(2 * Digest::size) +
           " lower-case hexadecimal digits");
  return *digest;
}

template <typename Digest>
std::map<unsigned, Digest> parse_bank(const Json& json, const std::string& name) {
  std::map<unsigned, Digest> bank;
  for (const auto& [key, value] : json.object()) {
    const bool digits = !key.empty() && key.size() <= 2 && key.find_first_not_of("0123456789") == std::string::npos;
    if (!digits || std::stoul(key) > 23 || std::to_string(std::stoul(key)) != key)
      refuse(name + " has PCR '" + key + "', wanted 0 to 23");
    bank[static_cast<unsigned>(std::stoul(key))] = digest_of<Digest>(value, name + " PCR " + key);
  }
  return bank;
}

template <typename Integer>
Integer integer_of(const Json& json, std::string_view key, std::int64_t most) {
  const std::int64_t value = json.at(key).integer();
  if (value < 0 || value > most) refuse(std::string(key) + " is " + std::to_string(value) + ", out of range");
  return static_cast<Integer>(value);
}

Json tpm_json(const TpmReferenceValues& values) {
  return Json::Object{{"pcrs", registers_json(values.pcrs)}, {"events", events_json(values.events)}};
}

TpmReferenceValues parse_tpm(const Json& json) {
  base::expect_members(json, {"pcrs", "events"}, "reference values: tpm");
  base::expect_members(json.at("pcrs"), {"sha256", "sha384"}, "reference values: tpm.pcrs");
  TpmReferenceValues values;
  values.pcrs.sha256 = parse_bank<base::Sha256>(json.at("pcrs").at("sha256"), "sha256");
  values.pcrs.sha384 = parse_bank<base::Sha384>(json.at("pcrs").at("sha384"), "sha384");
  for (const Json& event : json.at("events").array()) values.events.push_back(parse_event(event));
  if (fold(values.events) != values.pcrs) refuse("the events do not fold to the PCR values beside them");
  return values;
}

Json identity_json(const std::optional<SnpIdentity>& identity) {
  if (!identity) return {};
  return Json::Object{
      {"familyId", base::hex(identity->family_id)},
      {"imageId", base::hex(identity->image_id)},
      {"idKeyDigest", identity->id_key_digest.hex()},
      {"authorKeyDigest", identity->author_key_digest ? Json(identity->author_key_digest->hex()) : Json()}};
}

GuestIdentifier parse_identifier(const Json& json, std::string_view key) {
  GuestIdentifier identifier{};
  const std::string& text = json.at(key).text();
  const std::optional<base::Buffer> bytes = base::from_hex(text);
  if (!bytes || bytes->size() != identifier.size() || base::hex(*bytes) != text)
    refuse(std::string(key) + " is '" + text + "', wanted 32 lower-case hexadecimal digits");
  std::copy(bytes->begin(), bytes->end(), identifier.begin());
  return identifier;
}

std::optional<SnpIdentity> parse_identity(const Json& json) {
  if (json.is_null()) return std::nullopt;
  base::expect_members(json, {"familyId", "imageId", "idKeyDigest", "authorKeyDigest"},
                       "reference values: snp.idBlock");
  SnpIdentity identity{parse_identifier(json, "familyId"), parse_identifier(json, "imageId"),
                       digest_of<base::Sha384>(json.at("idKeyDigest"), "idKeyDigest"), std::nullopt};
  if (const Json& author = json.at("authorKeyDigest"); !author.is_null())
    identity.author_key_digest = digest_of<base::Sha384>(author, "authorKeyDigest");
  return identity;
}

const std::string& parse_vmm(const Json& json) {
  if (find_vmm_profile(json.text()) == nullptr) refuse("vmm is '" + json.text() + "', wanted a known profile");
  return json.text();
}

Json snp_json(const SnpReferenceValues& values) {
  return Json::Object{{"launchDigest", values.launch_digest.hex()},
                      {"hostData", values.host_data.hex()},
                      {"policy", static_cast<std::int64_t>(values.policy)},
                      {"guestSvn", values.guest_svn},
                      {"vmm", values.vmm},
                      {"idBlock", identity_json(values.identity)}};
}

SnpReferenceValues parse_snp(const Json& json) {
  base::expect_members(json, {"launchDigest", "hostData", "policy", "guestSvn", "vmm", "idBlock"},
                       "reference values: snp");
  return {digest_of<LaunchDigest>(json.at("launchDigest"), "launchDigest"),
          digest_of<base::Sha256>(json.at("hostData"), "hostData"),
          integer_of<std::uint64_t>(json, "policy", INT64_MAX),
          integer_of<std::uint32_t>(json, "guestSvn", UINT32_MAX),
          parse_vmm(json.at("vmm")),
          parse_identity(json.at("idBlock"))};
}

Json tdx_json(const TdxReferenceValues& values) {
  Json json = Json::Object{{"mrtd", values.mrtd.hex()}, {"mrConfigId", values.mr_config_id.hex()}};
  json["rtmrs"] = Json::Array{};
  for (const auto& set : values.rtmrs) {
    Json::Array accepted;
    for (const base::Sha384& value : set) accepted.emplace_back(value.hex());
    json["rtmrs"].push_back(accepted);
  }
  json["events"] = events_json(values.events);
  return json;
}

TdxReferenceValues parse_tdx(const Json& json) {
  base::expect_members(json, {"mrtd", "mrConfigId", "rtmrs", "events"}, "reference values: tdx");
  TdxReferenceValues values;
  values.mrtd = digest_of<Mrtd>(json.at("mrtd"), "mrtd");
  values.mr_config_id = digest_of<MrConfigId>(json.at("mrConfigId"), "mrConfigId");
  for (const Json& event : json.at("events").array()) values.events.push_back(parse_event(event));
  const Json::Array& sets = json.at("rtmrs").array();
  if (sets.size() != values.rtmrs.size())
    refuse("rtmrs has " + std::to_string(sets.size()) + " sets, wanted " + std::to_string(values.rtmrs.size()));
  const PcrValues folded = fold(values.events);
  for (unsigned index = 0; index < sets.size(); ++index) {
    const std::string name = "RTMR" + std::to_string(index);
    for (const Json& value : sets[index].array()) values.rtmrs[index].push_back(digest_of<base::Sha384>(value, name));
    const auto first = folded.sha384.find(rtmr0_register + index);
    if (first == folded.sha384.end() || values.rtmrs[index].empty() || values.rtmrs[index].front() != first->second)
      refuse("the events do not fold to the first value of " + name);
  }
  return values;
}

}  // namespace

Json reference_values_json(const Measurement& measurement) {
  if (const auto* tpm = std::get_if<TpmReferenceValues>(&measurement)) return Json::Object{{"tpm", tpm_json(*tpm)}};
  if (const auto* tdx = std::get_if<TdxReferenceValues>(&measurement)) return Json::Object{{"tdx", tdx_json(*tdx)}};
  return Json::Object{{"snp", snp_json(std::get<SnpReferenceValues>(measurement))}};
}

Measurement parse_reference_values(const Json& json) {
  base::expect_members(json, {"tpm", "snp", "tdx"}, "reference values");
  if (json.object().size() != 1) refuse("wanted exactly one of 'tpm', 'snp' and 'tdx'");
  if (const Json* tpm = json.find("tpm")) return parse_tpm(*tpm);
  if (const Json* tdx = json.find("tdx")) return parse_tdx(*tdx);
  return parse_snp(json.at("snp"));
}

}  // namespace measurement
