#include "attestation/service.h"
#include "attestation/wire/json_members.h"
#include "base/error.h"

namespace attestation {
namespace {

using base::Json;

Json standing(const kms::KeyName& name, const kms::KeyStatus& key) {
  return KeyStanding{name.text(), key.state, key.current, key.next, key.unerased}.json();
}

Response answer_of(Json::Array keys) {
  return {200, Json(Json::Object{{"keys", std::move(keys)}}).compact(), ""};
}

/// The keys that {"keys":[NAME..]} names; of {"keys":"all"} those in this state. @throws Error{malformed}
std::vector<kms::KeyName> named_keys(const Request& request, GuestKeys& keys, kms::KeyState state) {
  const Json message = wire::parse_message(request.body, {"keys"}, "rotations");
  keys.expect_no_obstacle();
  const Json& wanted = message.at("keys");
  std::vector<kms::KeyName> names;
  if (!wanted.is_string()) {
    for (const Json& name : wanted.array()) names.push_back(kms::KeyName::parse(name.text()));
    return names;
  }
  if (wanted.text() != "all") throw base::Error(base::Kind::malformed, "rotations: keys: wanted names or \"all\"");
  for (const auto& [name, status] : keys.standings()) {
    if (status.state == state) names.push_back(name);
  }
  return names;
}

}  // namespace

Response Service::put_rotations(const Request& request) {
  Json::Array keys;
  for (const kms::KeyName& name : named_keys(request, keys_, kms::KeyState::in_use)) {
    const kms::KeyStatus now = keys_.begin_rotation(name);
    record_of_keys("key rotation begun", {{"key", name.text()}, {"version", now.current}, {"next", now.next}});
    keys.push_back(standing(name, now));
  }
  return answer_of(std::move(keys));
}

Response Service::abandon_rotations(const Request& request) {
  Json::Array keys;
  for (const kms::KeyName& name : named_keys(request, keys_, kms::KeyState::rotating)) {
    const kms::KeyStatus now = keys_.abandon_rotation(name);
    record_of_keys("key rotation abandoned", {{"key", name.text()}, {"version", now.current}});
    keys.push_back(standing(name, now));
  }
  return answer_of(std::move(keys));
}

Response Service::settled_keys() {
  keys_.expect_no_obstacle();
  Json::Array keys;
  for (const auto& [name, status] : keys_.standings()) {
    if (status.unerased == 0) continue;
    const kms::KeyStatus now = keys_.settle(name);
    record_of_keys("key settled", {{"key", name.text()}, {"erased", static_cast<std::int64_t>(status.unerased)}});
    keys.push_back(standing(name, now));
  }
  return answer_of(std::move(keys));
}

void Service::settle_keys() {
  try {
    if (keys_.obstacle().empty()) settled_keys();
  } catch (const base::Error& problem) {
    note_failure(problem.what());
  }
}

/// For a tenant that is taken down: nobody is given anything any more, and then the keys end.
Response Service::shred_keys() {
  approval_.reset();
  Json::Array names;
  for (const std::string& name : keys_.shred()) names.emplace_back(name);
  record_of_keys("keys destroyed", {{"keys", names}});
  return {200, Json(Json::Object{{"destroyed", std::move(names)}}).compact(), ""};
}

}  // namespace attestation
