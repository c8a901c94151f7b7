#include "attestation/guest_keys.h"

#include <algorithm>

#include "attestation/release_rules.h"

namespace attestation {

std::optional<kms::Refusal> GuestKeys::prepare(const Approval& approval, const kms::KeyName& name) {
  const auto rules = release_rules(approval);
  const auto rule = rules.find(name);
  if (rule == rules.end()) return kms::Refusal{{"the approval has no key " + name.text()}};
  const std::optional<kms::KeyStatus> known = store_.find(name);
  if (!known) {
    store_.create(name, rule->second);
  } else if (known->policy != rule->second && kms::is_releasable(known->state)) {
    store_.replace_policy(name, rule->second);
  }
  return std::nullopt;
}

std::variant<ReleasedKey, kms::Refusal> GuestKeys::release(const Approval& approval, const kms::KeyName& name,
                                                           const kms::Requester& requester) {
  if (auto refusal = prepare(approval, name)) return std::move(*refusal);
  ReleasedKey released{store_.status(name), {}};
  for (const kms::Slot slot : {kms::Slot::current, kms::Slot::next}) {
    if (slot == kms::Slot::next && released.status.state != kms::KeyState::rotating) break;
    auto version = store_.release(name, requester, slot);
    if (auto* const refusal = std::get_if<kms::Refusal>(&version)) return std::move(*refusal);
    released.versions.push_back(std::move(std::get<base::Secret>(version)));
  }
  return released;
}

std::optional<kms::Refusal> GuestKeys::note_formatted(const Approval& approval, const kms::KeyName& name,
                                                      const kms::Requester& requester) {
  if (auto refusal = prepare(approval, name)) return refusal;
  const kms::KeyStatus known = store_.status(name);
  kms::Refusal refusal{kms::refusals(known.policy, requester)};
  if (!kms::is_releasable(known.state)) refusal.reasons.push_back("state: " + std::string(kms::name_of(known.state)));
  if (!refusal.reasons.empty()) return refusal;
  if (known.state == kms::KeyState::never_formatted) store_.mark_formatted(name);
  return std::nullopt;
}

std::vector<std::string> GuestKeys::shred() {
  std::vector<std::string> names;
  for (const kms::KeyName& name : store_.names()) {
    if (store_.status(name).state != kms::KeyState::destroyed) store_.revoke(name);
    store_.destroy(name);
    names.push_back(name.text());
  }
  return names;
}

}  // namespace attestation
