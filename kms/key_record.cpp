#include "kms/key_record.h"

#include <limits>

#include "base/encoding.h"
#include "base/error.h"

namespace kms {
namespace {

constexpr const char* schema = "bulkhead.kms-key/v1";

[[noreturn]] void malformed(std::string_view name, const std::string& what) {
  throw base::Error(base::Kind::malformed, std::string(name) + ": " + what);
}

base::Json to_json(const KeyVersion& version) {
  return base::Json::Object{{"number", static_cast<std::int64_t>(version.number)},
                            {"handle", base::base64(version.handle)}};
}
base::Json to_json(const std::optional<KeyVersion>& version) {
  return version ? to_json(*version) : base::Json();
}

std::uint32_t parse_number(const base::Json& json, std::string_view name) {
  const std::int64_t number = json.integer();
  if (number < 0 || number > std::numeric_limits<std::uint32_t>::max())
    malformed(name, "version: got " + std::to_string(number) + ", wanted a number of 32 bits");
  return static_cast<std::uint32_t>(number);
}

KeyVersion parse_version(const base::Json& json, std::string_view name) {
  base::expect_members(json, {"number", "handle"}, name);
  std::optional<base::Buffer> handle = base::from_base64(json.at("handle").text());
  if (!handle) malformed(name, "handle: wanted base64");
  return {parse_number(json.at("number"), name), std::move(*handle)};
}
std::optional<KeyVersion> parse_version_if_any(const base::Json& json, std::string_view name) {
  return json.is_null() ? std::nullopt : std::optional(parse_version(json, name));
}

void expect_versions_of_state(const KeyRecord& record, std::string_view name) {
  const bool destroyed = record.state == KeyState::destroyed;
  const auto wanted = [&](bool ok, const char* what) {
    if (!ok) malformed(name, std::string(what) + " in state " + std::string(name_of(record.state)));
  };
  wanted(record.current.has_value() != destroyed, destroyed ? "a current version" : "no current version");
  wanted(record.next.has_value() ? record.state == KeyState::rotating || record.state == KeyState::revoked
                                 : record.state != KeyState::rotating,
         record.next ? "a next version" : "no next version");
  wanted(!destroyed || record.retired.empty(), "retired versions");
  for (const auto* version : {&record.current, &record.next})
    wanted(!*version || ((*version)->number >= 1 && (*version)->number <= record.last_version),
           "a version number that was never given");
}

}  // namespace

std::size_t versions_with_material(const KeyRecord& record) {
  return (record.current ? 1U : 0U) + (record.next ? 1U : 0U) + record.retired.size();
}

std::string record_text(const KeyRecord& record) {
  base::Json::Array retired;
  for (const KeyVersion& version : record.retired) retired.push_back(to_json(version));
  return base::Json(base::Json::Object{{"schema", schema},
                                       {"state", name_of(record.state)},
                                       {"policy", to_json(record.policy)},
                                       {"current", to_json(record.current)},
                                       {"next", to_json(record.next)},
                                       {"retired", std::move(retired)},
                                       {"lastVersion", static_cast<std::int64_t>(record.last_version)}})
      .compact();
}

KeyRecord parse_record(std::string_view text, std::string_view name) {
  const base::Json json = base::Json::parse(text, name);
  base::expect_members(json, {"schema", "state", "policy", "current", "next", "retired", "lastVersion"}, name);
  if (json.at("schema").text() != schema)
    malformed(name, "schema: got '" + json.at("schema").text() + "', wanted " + schema);
  KeyRecord record;
  record.state = parse_key_state(json.at("state").text());
  record.policy = parse_release_policy(json.at("policy"), name);
  record.current = parse_version_if_any(json.at("current"), name);
  record.next = parse_version_if_any(json.at("next"), name);
  for (const base::Json& version : json.at("retired").array()) record.retired.push_back(parse_version(version, name));
  record.last_version = parse_number(json.at("lastVersion"), name);
  expect_versions_of_state(record, name);
  return record;
}

}  // namespace kms
