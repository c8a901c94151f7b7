#include "attestation/destruction_statement.h"
#include "attestation/service.h"
#include "attestation/wire/json_members.h"
#include "base/error.h"
#include "kms/passport_deletion.h"

namespace attestation {
namespace {

using base::Json;

/// The keys that {"keys":[NAME..]} names; nullopt of {"keys":"all"}. @throws Error{malformed}
std::optional<std::vector<kms::KeyName>> named_keys(const Request& request) {
  const Json message = wire::parse_message(request.body, {"keys"}, "rotations");
  const Json& wanted = message.at("keys");
  if (wanted.is_string()) {
    if (wanted.text() == "all") return std::nullopt;
    throw base::Error(base::Kind::malformed, "rotations: keys: wanted names or \"all\"");
  }
  std::vector<kms::KeyName> names;
  for (const Json& name : wanted.array()) names.push_back(kms::KeyName::parse(name.text()));
  return names;
}

}  // namespace

/// What an administrator does to some keys, one after another.
struct Service::KeyAct {
  std::optional<std::vector<kms::KeyName>> names;  ///< nullopt: all that are `meant`
  bool (*meant)(const kms::KeyStatus& status);
  kms::KeyStatus (GuestKeys::*act)(const kms::KeyName& name);
  const char* event;  ///< in the audit log, with the key's name and these facts
  Json::Object (*facts)(const kms::KeyStatus& before, const kms::KeyStatus& now);
};

/// What was done is told in the audit log, also when the next key's turn failed.
Answer Service::act_on_keys(KeyAct act) {
  struct Done {
    kms::KeyName name;
    kms::KeyStatus before, now;
  };
  const auto all_done = std::make_shared<std::vector<Done>>();
  return Pending{[this, act, all_done] {
                   keys_.expect_no_obstacle();
                   std::map<kms::KeyName, kms::KeyStatus> chosen;
                   if (act.names) {
                     for (const kms::KeyName& name : *act.names) chosen.emplace(name, kms::KeyStatus{});
                   } else {
                     chosen = keys_.standings();
                     std::erase_if(chosen, [&](const auto& key) { return !act.meant(key.second); });
                   }
                   for (const auto& [name, before] : chosen)
                     all_done->push_back({name, before, (keys_.*act.act)(name)});
                 },
                 [this, act, all_done](const std::exception_ptr& problem) {
                   Json::Array keys;
                   for (const auto& [name, before, now] : *all_done) {
                     Json::Object facts = act.facts(before, now);
                     facts["key"] = name.text();
                     record_of_keys(act.event, std::move(facts));
                     keys.push_back(KeyStanding{name.text(), now.state, now.current, now.next, now.unerased}.json());
                   }
                   if (problem) std::rethrow_exception(problem);
                   return Response{200, Json(Json::Object{{"keys", std::move(keys)}}).compact(), ""};
                 }};
}

Answer Service::put_rotations(const Request& request) {
  return act_on_keys({named_keys(request),
                      [](const kms::KeyStatus& status) { return status.state == kms::KeyState::in_use; },
                      &GuestKeys::begin_rotation, "key rotation begun",
                      [](const kms::KeyStatus&, const kms::KeyStatus& now) {
                        return Json::Object{{"version", now.current}, {"next", now.next}};
                      }});
}

Answer Service::abandon_rotations(const Request& request) {
  return act_on_keys(
      {named_keys(request), [](const kms::KeyStatus& status) { return status.state == kms::KeyState::rotating; },
       &GuestKeys::abandon_rotation, "key rotation abandoned",
       [](const kms::KeyStatus&, const kms::KeyStatus& now) { return Json::Object{{"version", now.current}}; }});
}

Answer Service::settled_keys() {
  return act_on_keys({std::nullopt, [](const kms::KeyStatus& status) { return status.unerased > 0; },
                      &GuestKeys::settle, "key settled",
                      [](const kms::KeyStatus& before, const kms::KeyStatus&) {
                        return Json::Object{{"erased", static_cast<std::int64_t>(before.unerased)}};
                      }});
}

Pending Service::settle_keys() {
  Pending settled = std::get<Pending>(settled_keys());
  if (!keys_.obstacle().empty()) settled.work = [this] { static_cast<void>(keys_.standings()); };
  settled.finish = [this, finish = std::move(settled.finish)](const std::exception_ptr& problem) {
    try {
      return finish(problem);
    } catch (const std::exception& error) {
      note_failure(error.what());
      return Response{500, "", ""};  // for nobody
    }
  };
  return settled;
}

/// For a tenant that is taken down: nobody is given anything any more, and then the keys end.
Answer Service::shred_keys() {
  if (parts_.passport_to)
    throw base::Error(base::Kind::failure, "keys are at " + parts_.passport_to->text() +
                                               ": their owner destroys them there, all at once with " +
                                               kms::passport_end(*parts_.passport_to));
  approval_.reset();
  const auto names = std::make_shared<std::vector<std::string>>();
  return Pending{[this, names] { *names = keys_.shred(); },
                 [this, names](const std::exception_ptr& problem) {
                   if (problem) std::rethrow_exception(problem);
                   Json::Array list;
                   for (const std::string& name : *names) list.emplace_back(name);
                   record_of_keys("keys destroyed", {{"keys", list}});
                   const DestructionStatement statement{parts_.issuer.url, parts_.tenant, parts_.now_ms(), *names,
                                                        parts_.audit.head().hex()};
                   return Response{
                       200,
                       Json(Json::Object{{"destroyed", std::move(list)},
                                         {"statement", signed_destruction(token_keys_.current(), statement)}})
                           .compact(),
                       ""};
                 }};
}

}  // namespace attestation
