#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "attestation/approval.h"
#include "base/error.h"
#include "kms/key_store.h"

/// A tenant's keys under the approval in force: made at their first use, given to whom its rules name.
namespace attestation {

struct ReleasedKey {
  kms::KeyStatus status;
  std::vector<base::Secret> versions;  ///< the current one and, while the key is rotating, the next one
};

/// What was last seen of a tenant's keys.
struct KnownKeys {
  std::map<kms::KeyName, kms::KeyStatus> keys;
  std::string problem;  ///< why the store did not answer the last time; "" when it did
};

/// Whether a store, such as a server that is down, could not be asked: who wanted something may want it again.
bool is_no_answer(const base::Error& error);

/// Every member but shred() and standings() refuses, or throws Error{failure}, while there is an obstacle. All but
/// known(), note_silence() and obstacle() ask the store, which may take its time, and are called by one thread at a
/// time.
class GuestKeys {
 public:
  /// @param store outlives this @param obstacle why no key may be given, whoever asks; "" when there is none
  GuestKeys(kms::KeyStore& store, std::string obstacle) : store_(store), obstacle_(std::move(obstacle)) {}
  /// The key, if the approval has a rule for it and the rule and the key's state allow it. The key's policy becomes the
  /// approval's first. @throws as KeyStore
  std::variant<ReleasedKey, kms::Refusal> release(const Approval& approval, const kms::KeyName& name,
                                                  const kms::Requester& requester);
  /// The guest formatted its disk with the key; no effect when that was known. nullopt when it is done.
  std::optional<kms::Refusal> note_formatted(const Approval& approval, const kms::KeyName& name,
                                             const kms::Requester& requester);
  /// Which versions of its key there are, for a guest that may have them.
  std::variant<kms::KeyStatus, kms::Refusal> status(const Approval& approval, const kms::KeyName& name,
                                                    const kms::Requester& requester);
  /// The guest says that this version of a rotating key opens its disk: the rotation is committed; no effect when it
  /// was. nullopt when it is done.
  std::optional<kms::Refusal> note_rotated(const Approval& approval, const kms::KeyName& name,
                                           const kms::Requester& requester, std::uint32_t version);

  /// As the members of kms::KeyStore.
  kms::KeyStatus begin_rotation(const kms::KeyName& name);
  kms::KeyStatus abandon_rotation(const kms::KeyName& name);
  kms::KeyStatus settle(const kms::KeyName& name);
  /// Revokes and destroys every key there is. @return their names, sorted
  std::vector<std::string> shred();
  /// Every key there is.
  std::map<kms::KeyName, kms::KeyStatus> standings();
  [[nodiscard]] KnownKeys known() const;
  /// The store has been asked and does not answer: known() says so until it does. From any thread.
  void note_silence(const std::string& problem);
  [[nodiscard]] const std::string& obstacle() const { return obstacle_; }
  void expect_no_obstacle() const;  ///< @throws Error{failure} with it

 private:
  /// Asks the store and remembers whether it answered.
  template <typename Ask>
  auto asked(const Ask& ask);
  kms::KeyStatus seen(const kms::KeyName& name, const kms::KeyStatus& status);
  void heard(const std::string& problem);
  void see_all();
  /// Why there is no rule for it; else the key exists and has the approval's policy.
  std::optional<kms::Refusal> prepare(const Approval& approval, const kms::KeyName& name);

  kms::KeyStore& store_;
  const std::string obstacle_;
  mutable std::mutex mutex_;  ///< for the following
  KnownKeys known_;
  bool all_seen_ = false;
};

}  // namespace attestation
