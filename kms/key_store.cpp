#include "kms/key_store.h"

#include "base/error.h"

namespace kms {
namespace {

[[noreturn]] void refuse(const KeyName& name, const std::string& what) {
  throw base::Error(base::Kind::failure, "key " + name.text() + ": " + what);
}

KeyState state_after(const KeyName& name, KeyState state, KeyEvent event) {
  try {
    return after(state, event);
  } catch (const base::Error& error) {
    refuse(name, error.what());
  }
}

KeyStatus status_of(const KeyRecord& record) {
  return {record.state, record.current ? record.current->number : 0, record.next ? record.next->number : 0,
          record.retired.size(), record.policy};
}

/// Every version that has material, the ones still released first.
std::vector<KeyVersion> versions_of(const KeyRecord& record) {
  std::vector<KeyVersion> versions;
  for (const auto* version : {&record.current, &record.next})
    if (*version) versions.push_back(**version);
  versions.insert(versions.end(), record.retired.begin(), record.retired.end());
  return versions;
}

}  // namespace

std::optional<StoredRecord> KeyStore::stored_if_any(const KeyName& name) {
  std::optional<StoredRecord> found = records_->read(name);
  if (found && found->record.policy.tenant != tenant_)
    refuse(name, "its policy is of tenant " + found->record.policy.tenant.name + ", wanted " + tenant_.name);
  return found;
}

StoredRecord KeyStore::stored(const KeyName& name) {
  std::optional<StoredRecord> found = stored_if_any(name);
  if (!found) refuse(name, "there is no such key");
  return std::move(*found);
}

void KeyStore::write(const KeyName& name, StoredRecord& stored) {
  if (records_->write(name, stored.record, stored.revision) != Written::yes)
    refuse(name, "another change came first; nothing was changed, look at its status and try again");
  ++stored.revision;
}

void KeyStore::expect_own(const ReleasePolicy& policy) const {
  if (policy.tenant != tenant_)
    throw base::Error(base::Kind::failure,
                      "release policy: tenant: got " + policy.tenant.name + ", wanted " + tenant_.name);
}

KeyVersion KeyStore::make_version(const KeyName& name, std::uint32_t number) {
  return {number, material_->make({tenant_, name, number})};
}

void KeyStore::erase(const KeyName& name, const KeyVersion& version) {
  material_->erase({tenant_, name, version.number}, version.handle);
}

void KeyStore::discard(const KeyName& name, const KeyVersion& version) {
  material_->discard({tenant_, name, version.number}, version.handle);
}

KeyStatus KeyStore::create(const KeyName& name, const ReleasePolicy& policy) {
  expect_own(policy);
  if (records_->read(name)) refuse(name, "the name is taken");
  StoredRecord made;
  made.record.policy = policy;
  made.record.current = make_version(name, made.record.last_version = 1);
  if (records_->write(name, made.record, 0) != Written::yes) {
    discard(name, *made.record.current);
    refuse(name, "the name is taken");
  }
  return status_of(made.record);
}

std::variant<base::Secret, Refusal> KeyStore::release(const KeyName& name, const Requester& requester, Slot slot) {
  const KeyRecord record = stored(name).record;
  Refusal refusal{refusals(record.policy, requester)};
  if (!is_releasable(record.state)) refusal.reasons.push_back("state: " + std::string(name_of(record.state)));
  const std::optional<KeyVersion>& version = slot == Slot::current ? record.current : record.next;
  if (refusal.reasons.empty() && !version) refusal.reasons.emplace_back("it has no next version: it is not rotating");
  if (!refusal.reasons.empty()) return refusal;
  base::Secret key = material_->fetch({tenant_, name, version->number}, version->handle);
  if (key.size() != key_size)
    refuse(name, "the provider gave " + std::to_string(key.size()) + " bytes, wanted " + std::to_string(key_size));
  return key;
}

KeyStatus KeyStore::mark_formatted(const KeyName& name) {
  StoredRecord changed = stored(name);
  changed.record.state = state_after(name, changed.record.state, KeyEvent::format);
  write(name, changed);
  return status_of(changed.record);
}

KeyStatus KeyStore::begin_rotation(const KeyName& name) {
  StoredRecord changed = stored(name);
  const KeyState rotating = state_after(name, changed.record.state, KeyEvent::begin_rotation);
  erase_retired(name, changed);
  changed.record.state = rotating;
  changed.record.next = make_version(name, ++changed.record.last_version);
  if (records_->write(name, changed.record, changed.revision) != Written::yes) {
    discard(name, *changed.record.next);
    refuse(name, "another change came first; nothing was changed, look at its status and try again");
  }
  return status_of(changed.record);
}

KeyStatus KeyStore::end_rotation(const KeyName& name, KeyEvent how) {
  StoredRecord changed = stored(name);
  KeyRecord& record = changed.record;
  record.state = state_after(name, record.state, how);
  if (how == KeyEvent::commit_rotation) std::swap(record.current, record.next);
  record.retired.push_back(std::move(*record.next));
  record.next.reset();
  write(name, changed);
  try {
    erase_retired(name, changed);
  } catch (const base::Error&) {
    // The rotation is over and on disk whatever comes now; `unerased` in the status tells that settle() has work.
  }
  return status_of(record);
}

KeyStatus KeyStore::commit_rotation(const KeyName& name) {
  return end_rotation(name, KeyEvent::commit_rotation);
}
KeyStatus KeyStore::abandon_rotation(const KeyName& name) {
  return end_rotation(name, KeyEvent::abandon_rotation);
}

KeyStatus KeyStore::replace_policy(const KeyName& name, const ReleasePolicy& policy) {
  expect_own(policy);
  StoredRecord changed = stored(name);
  if (!is_releasable(changed.record.state))
    refuse(name, "the key is " + std::string(name_of(changed.record.state)) + ", its policy stays as it is");
  changed.record.policy = policy;
  write(name, changed);
  return status_of(changed.record);
}

KeyStatus KeyStore::revoke(const KeyName& name) {
  StoredRecord changed = stored(name);
  const KeyState revoked = state_after(name, changed.record.state, KeyEvent::revoke);
  if (revoked != changed.record.state) {
    changed.record.state = revoked;
    write(name, changed);
  }
  for (const KeyVersion& version : versions_of(changed.record))
    material_->revoke({tenant_, name, version.number}, version.handle);
  return status_of(changed.record);
}

KeyStatus KeyStore::destroy(const KeyName& name) {
  StoredRecord changed = stored(name);
  const KeyState destroyed = state_after(name, changed.record.state, KeyEvent::destroy);
  for (const KeyVersion& version : versions_of(changed.record)) erase(name, version);
  if (changed.record.state == destroyed) return status_of(changed.record);
  changed.record.state = destroyed;
  changed.record.current.reset();
  changed.record.next.reset();
  changed.record.retired.clear();
  write(name, changed);
  return status_of(changed.record);
}

void KeyStore::erase_retired(const KeyName& name, StoredRecord& stored) {
  if (stored.record.retired.empty()) return;
  for (const KeyVersion& version : stored.record.retired) discard(name, version);
  StoredRecord settled = stored;
  settled.record.retired.clear();
  write(name, settled);
  stored = std::move(settled);
}

KeyStatus KeyStore::settle(const KeyName& name) {
  StoredRecord changed = stored(name);
  erase_retired(name, changed);
  return status_of(changed.record);
}

KeyStatus KeyStore::status(const KeyName& name) {
  return status_of(stored(name).record);
}

std::optional<KeyStatus> KeyStore::find(const KeyName& name) {
  const std::optional<StoredRecord> found = stored_if_any(name);
  return found ? std::optional(status_of(found->record)) : std::nullopt;
}

}  // namespace kms
