#include "attestation/guest_keys.h"

#include "attestation/release_rules.h"
#include "kms/provider_error.h"

namespace attestation {

bool is_no_answer(const base::Error& error) {
  // A token, or a library of this machine, tells of its failures as the host's.
  return dynamic_cast<const kms::ProviderError*>(&error) != nullptr || error.kind() == base::Kind::host;
}

template <typename Ask>
auto GuestKeys::asked(const Ask& ask) {
  try {
    auto answer = ask();
    heard("");
    return answer;
  } catch (const base::Error& error) {
    if (is_no_answer(error)) heard(error.what());
    throw;
  }
}

kms::KeyStatus GuestKeys::seen(const kms::KeyName& name, const kms::KeyStatus& status) {
  const std::lock_guard<std::mutex> lock(mutex_);
  known_.keys.insert_or_assign(name, status);
  return status;
}

void GuestKeys::heard(const std::string& problem) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    known_.problem = problem;
    if (!problem.empty() || all_seen_) return;
  }
  try {
    see_all();
  } catch (const base::Error&) {  // then the next time
  }
}

void GuestKeys::see_all() {
  std::map<kms::KeyName, kms::KeyStatus> all;
  for (const kms::KeyName& name : store_.names()) all.emplace(name, store_.status(name));
  const std::lock_guard<std::mutex> lock(mutex_);
  known_.keys = std::move(all);
  all_seen_ = true;
}

void GuestKeys::note_silence(const std::string& problem) {
  const std::lock_guard<std::mutex> lock(mutex_);
  known_.problem = problem;
}

KnownKeys GuestKeys::known() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return known_;
}

std::optional<kms::Refusal> GuestKeys::prepare(const Approval& approval, const kms::KeyName& name) {
  if (!obstacle_.empty()) return kms::Refusal{{obstacle_}};
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
  using Answer = std::variant<ReleasedKey, kms::Refusal>;
  return asked([&]() -> Answer {
    if (auto refusal = prepare(approval, name)) return std::move(*refusal);
    ReleasedKey released{seen(name, store_.status(name)), {}};
    for (const kms::Slot slot : {kms::Slot::current, kms::Slot::next}) {
      if (slot == kms::Slot::next && released.status.state != kms::KeyState::rotating) break;
      auto version = store_.release(name, requester, slot);
      if (auto* const refusal = std::get_if<kms::Refusal>(&version)) return std::move(*refusal);
      released.versions.push_back(std::move(std::get<base::Secret>(version)));
    }
    return released;
  });
}

std::variant<kms::KeyStatus, kms::Refusal> GuestKeys::status(const Approval& approval, const kms::KeyName& name,
                                                             const kms::Requester& requester) {
  using Answer = std::variant<kms::KeyStatus, kms::Refusal>;
  return asked([&]() -> Answer {
    if (auto refusal = prepare(approval, name)) return std::move(*refusal);
    const kms::KeyStatus known = seen(name, store_.status(name));
    kms::Refusal refusal{kms::refusals(known.policy, requester)};
    if (!kms::is_releasable(known.state)) refusal.reasons.push_back("state: " + std::string(kms::name_of(known.state)));
    if (!refusal.reasons.empty()) return refusal;
    return known;
  });
}

std::optional<kms::Refusal> GuestKeys::note_formatted(const Approval& approval, const kms::KeyName& name,
                                                      const kms::Requester& requester) {
  auto known = status(approval, name, requester);
  if (auto* const refusal = std::get_if<kms::Refusal>(&known)) return std::move(*refusal);
  if (std::get<kms::KeyStatus>(known).state != kms::KeyState::never_formatted) return std::nullopt;
  asked([&] { return seen(name, store_.mark_formatted(name)); });
  return std::nullopt;
}

std::optional<kms::Refusal> GuestKeys::note_rotated(const Approval& approval, const kms::KeyName& name,
                                                    const kms::Requester& requester, std::uint32_t version) {
  auto known = status(approval, name, requester);
  if (auto* const refusal = std::get_if<kms::Refusal>(&known)) return std::move(*refusal);
  const auto& key = std::get<kms::KeyStatus>(known);
  const bool rotating = key.state == kms::KeyState::rotating;
  if (key.state == kms::KeyState::in_use && key.current == version) return std::nullopt;  // said again
  if (rotating && key.next == version) {
    asked([&] { return seen(name, store_.commit_rotation(name)); });
    return std::nullopt;
  }
  return kms::Refusal{{"version: got " + std::to_string(version) + ", wanted " +
                       std::to_string(rotating ? key.next : key.current) + " of a key " +
                       std::string(kms::name_of(key.state))}};
}

void GuestKeys::expect_no_obstacle() const {
  if (!obstacle_.empty()) throw base::Error(base::Kind::failure, obstacle_);
}

kms::KeyStatus GuestKeys::begin_rotation(const kms::KeyName& name) {
  expect_no_obstacle();
  return asked([&] { return seen(name, store_.begin_rotation(name)); });
}

kms::KeyStatus GuestKeys::abandon_rotation(const kms::KeyName& name) {
  expect_no_obstacle();
  return asked([&] { return seen(name, store_.abandon_rotation(name)); });
}

kms::KeyStatus GuestKeys::settle(const kms::KeyName& name) {
  expect_no_obstacle();
  return asked([&] { return seen(name, store_.settle(name)); });
}

std::map<kms::KeyName, kms::KeyStatus> GuestKeys::standings() {
  return asked([&] {
    see_all();
    return known().keys;
  });
}

std::vector<std::string> GuestKeys::shred() {
  return asked([&] {
    std::vector<std::string> names;
    for (const kms::KeyName& name : store_.names()) {
      if (store_.status(name).state != kms::KeyState::destroyed) store_.revoke(name);
      seen(name, store_.destroy(name));
      names.push_back(name.text());
    }
    return names;
  });
}

}  // namespace attestation
