#pragma once
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "kms/key_material.h"
#include "kms/key_records.h"

/// The keys of one tenant: made, released to whom the owner allowed, rotated, revoked, destroyed.
namespace kms {

struct KeyStatus {
  KeyState state = KeyState::never_formatted;
  std::uint32_t current = 0;  ///< version; 0 when destroyed
  std::uint32_t next = 0;     ///< version; 0 unless rotating
  std::size_t unerased = 0;   ///< replaced versions whose material the provider has still to erase; settle() does it
  ReleasePolicy policy;
};

/// Which key of a rotating one; any other has only a current one.
enum class Slot { current, next };

/// Why a guest is not given a key: an expected answer.
struct Refusal {
  std::vector<std::string> reasons;
};

/// Every change is written down before the material it gives up is erased, and after the material it needs is made. So
/// whoever is killed at any point leaves a key whose record names only material that exists; during a rotation that is
/// the old and the new key. Two writers never overwrite each other (KeyRecords::write).
class KeyStore {
 public:
  KeyStore(base::TenantId tenant, std::unique_ptr<KeyRecords> records, std::unique_ptr<KeyMaterial> material)
      : tenant_(std::move(tenant)), records_(std::move(records)), material_(std::move(material)) {}

  /// @throws Error{failure} when the name is taken, also by a destroyed key, or the policy is another tenant's.
  /// Every member throws ProviderError when the provider fails, and Error{failure} when there is no such key, its
  /// state does not allow the change (key_life.h) or another writer was first.
  KeyStatus create(const KeyName& name, const ReleasePolicy& policy);
  /// The key, key_size bytes, if its policy and its state allow it. There is no way to a key around its policy.
  [[nodiscard]] std::variant<base::Secret, Refusal> release(const KeyName& name, const Requester& requester,
                                                            Slot slot = Slot::current);
  /// The guest formatted its disk with it.
  KeyStatus mark_formatted(const KeyName& name);
  /// Makes the next version beside the current one; both are released until the end of the rotation.
  KeyStatus begin_rotation(const KeyName& name);
  /// The next version becomes the current one and the old one is erased.
  KeyStatus commit_rotation(const KeyName& name);
  /// The current version stays and the next one is erased.
  KeyStatus abandon_rotation(const KeyName& name);
  KeyStatus replace_policy(const KeyName& name, const ReleasePolicy& policy);
  /// Recorded first: from then on nobody is given the key, even if the provider cannot be told.
  KeyStatus revoke(const KeyName& name);
  /// Erased first: "destroyed" is only ever recorded of material that the provider says is gone.
  KeyStatus destroy(const KeyName& name);
  /// Erases what an interrupted change or a provider that was down left.
  KeyStatus settle(const KeyName& name);
  [[nodiscard]] KeyStatus status(const KeyName& name);
  /// nullopt when no key of that name was ever made.
  [[nodiscard]] std::optional<KeyStatus> find(const KeyName& name);
  [[nodiscard]] std::vector<KeyName> names() { return records_->names(); }
  [[nodiscard]] std::string provider() const { return material_->provider(); }

 private:
  std::optional<StoredRecord> stored_if_any(const KeyName& name);
  StoredRecord stored(const KeyName& name);
  void write(const KeyName& name, StoredRecord& stored);
  void expect_own(const ReleasePolicy& policy) const;
  KeyVersion make_version(const KeyName& name, std::uint32_t number);
  void erase(const KeyName& name, const KeyVersion& version);
  void discard(const KeyName& name, const KeyVersion& version);
  void erase_retired(const KeyName& name, StoredRecord& stored);
  KeyStatus end_rotation(const KeyName& name, KeyEvent how);

  base::TenantId tenant_;
  std::unique_ptr<KeyRecords> records_;
  std::unique_ptr<KeyMaterial> material_;
};

}  // namespace kms
