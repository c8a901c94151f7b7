#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "attestation/approval.h"
#include "kms/key_store.h"

/// A tenant's keys under the approval in force: made at their first use, given to whom its rules name.
namespace attestation {

struct ReleasedKey {
  kms::KeyStatus status;
  std::vector<base::Secret> versions;  ///< the current one and, while the key is rotating, the next one
};

class GuestKeys {
 public:
  /// @param store outlives this
  explicit GuestKeys(kms::KeyStore& store) : store_(store) {}
  /// The key, if the approval has a rule for it and the rule and the key's state allow it. The key's policy becomes the
  /// approval's first. @throws as KeyStore
  std::variant<ReleasedKey, kms::Refusal> release(const Approval& approval, const kms::KeyName& name,
                                                  const kms::Requester& requester);
  /// The guest formatted its disk with the key; no effect when that was known. nullopt when it is done.
  std::optional<kms::Refusal> note_formatted(const Approval& approval, const kms::KeyName& name,
                                             const kms::Requester& requester);
  /// Revokes and destroys every key there is. @return their names, sorted
  std::vector<std::string> shred();

 private:
  /// Why there is no rule for it; else the key exists and has the approval's policy.
  std::optional<kms::Refusal> prepare(const Approval& approval, const kms::KeyName& name);

  kms::KeyStore& store_;
};

}  // namespace attestation
