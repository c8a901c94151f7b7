#include <gmock/gmock.h>

#include <functional>

#include "base/error.h"
#include "base/sqlite_database.h"
#include "kms/file_records.h"
#include "kms/key_store.h"
#include "kms/wrapped_material.h"
#include "tests/fakes/sqlite_power_loss.h"
#include "tests/kms/samples.h"

namespace kms {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const KeyName root = KeyName::parse("worker/0/root");
constexpr fakes::Reached all_of_it[] = {fakes::Reached::nothing, fakes::Reached::half, fakes::Reached::everything};

KeyStore open_store() {
  const std::shared_ptr<KeyWrapper> wrapper = make_key_wrapper(base::Secret(base::Buffer(32, 7)));
  auto records = open_file_records({"/store", samples::acme, 0, fakes::PowerLossVfs::name}, *wrapper);
  return {samples::acme, std::move(records), make_wrapped_material("test", wrapper)};
}

base::Buffer key(KeyStore& store, Slot slot = Slot::current) {
  auto released = store.release(root, samples::guest(), slot);
  const base::Secret* secret = std::get_if<base::Secret>(&released);
  return secret != nullptr ? base::buffer_of(secret->view()) : base::Buffer();
}

/// A disk with a store whose key is rotating.
fakes::PowerLossDisk rotating_disk() {
  fakes::PowerLossDisk disk;
  const fakes::PowerLossVfs vfs(disk);
  KeyStore store = open_store();
  store.create(root, samples::policy());
  store.mark_formatted(root);
  store.begin_rotation(root);
  return disk;
}

struct Outcome {
  bool completed = false;
  fakes::PowerLossDisk disk;
};
/// Opens the store and changes it until the power goes in the disk's `changes`th change.
Outcome change_until_loss(const fakes::PowerLossDisk& start, int changes,
                          const std::function<void(KeyStore&)>& change) {
  Outcome outcome{false, start};
  outcome.disk.changes_until_loss = changes;
  const fakes::PowerLossVfs vfs(outcome.disk);
  try {
    KeyStore store = open_store();
    change(store);
    outcome.completed = true;
  } catch (const base::Error&) {
    EXPECT_TRUE(outcome.disk.off);
  }
  return outcome;
}

/// Calls `check` for every disk that a loss of power in any change to it can leave behind; `completed`: the change was
/// reported as done before. @return how many points of loss there were
int at_every_loss(const fakes::PowerLossDisk& start, const std::function<void(KeyStore&)>& change,
                  const std::function<void(KeyStore&, bool completed)>& check) {
  for (int point = 0;; ++point) {
    const Outcome outcome = change_until_loss(start, point, change);
    for (const fakes::Reached reached : all_of_it) {
      SCOPED_TRACE("power lost in change " + std::to_string(point) + ", reached: " + std::to_string(int(reached)));
      fakes::PowerLossDisk disk = outcome.disk.after_loss(reached);
      const fakes::PowerLossVfs vfs(disk);
      KeyStore reopened = open_store();
      check(reopened, outcome.completed);
    }
    if (!outcome.disk.off) return point;
  }
}

TEST(PowerLoss, LeavesNoStoreOrAWholeOne) {
  const int points = at_every_loss(
      {}, [](KeyStore& store) { store.create(root, samples::policy()); },
      [](KeyStore& store, bool completed) {
        if (completed) {
          EXPECT_THAT(store.names(), SizeIs(1));
        }
        for (const KeyName& name : store.names()) {
          EXPECT_EQ(name, root);
          EXPECT_THAT(key(store), SizeIs(key_size));
        }
      });
  EXPECT_GT(points, 10);
}

TEST(PowerLoss, LeavesTheOldKeyOrBothWhenARotationBegins) {
  fakes::PowerLossDisk start = rotating_disk();
  base::Buffer old_key;
  {
    const fakes::PowerLossVfs vfs(start);
    KeyStore store = open_store();
    store.abandon_rotation(root);
    old_key = key(store);
  }
  const int points = at_every_loss(
      start, [](KeyStore& store) { store.begin_rotation(root); },
      [&](KeyStore& store, bool completed) {
        EXPECT_EQ(key(store), old_key);
        const bool rotating = store.status(root).state == KeyState::rotating;
        EXPECT_TRUE(rotating || !completed);
        EXPECT_THAT(key(store, Slot::next), SizeIs(rotating ? key_size : 0));
      });
  EXPECT_GT(points, 3);
}

TEST(PowerLoss, LeavesBothKeysOrTheNewOneWhenARotationIsCommitted) {
  fakes::PowerLossDisk start = rotating_disk();
  base::Buffer old_key, new_key;
  {
    const fakes::PowerLossVfs vfs(start);
    KeyStore store = open_store();
    old_key = key(store);
    new_key = key(store, Slot::next);
  }
  const int points = at_every_loss(
      start, [](KeyStore& store) { store.commit_rotation(root); },
      [&](KeyStore& store, bool completed) {
        if (store.status(root).state == KeyState::rotating) {
          EXPECT_FALSE(completed);
          EXPECT_EQ(key(store), old_key);
          EXPECT_EQ(key(store, Slot::next), new_key);
        } else {
          EXPECT_EQ(key(store), new_key);
          EXPECT_EQ(store.settle(root).unerased, 0U);
        }
      });
  EXPECT_GT(points, 6);
}

TEST(PowerLoss, NeverBringsARevokedKeyBack) {
  at_every_loss(
      rotating_disk(), [](KeyStore& store) { store.revoke(root); },
      [](KeyStore& store, bool completed) {
        EXPECT_THAT(key(store), SizeIs(completed ? 0 : key(store).size()));
        if (completed) {
          EXPECT_EQ(store.status(root).state, KeyState::revoked);
        }
      });
}

TEST(PowerLoss, LeavesNothingOfADestroyedKeyInTheFiles) {
  fakes::PowerLossDisk disk = rotating_disk();
  const fakes::PowerLossVfs vfs(disk);
  const auto everything = [&] {
    std::string all;
    for (const auto& [name, file] : disk.files) all += base::text_of(file.content);
    return all;
  };
  std::string sealed;
  {
    base::SqliteDatabase database("store", "/store", fakes::PowerLossVfs::name);
    database.execute("PRAGMA locking_mode=EXCLUSIVE");
    base::SqliteStatement row(database, "SELECT ciphertext FROM records");
    ASSERT_TRUE(row.step());
    sealed = row.column_text(0).substr(0, 64);
  }
  ASSERT_THAT(everything(), HasSubstr(sealed));
  KeyStore store = open_store();
  store.revoke(root);
  store.destroy(root);
  EXPECT_THAT(everything(), Not(HasSubstr(sealed)));
}

}  // namespace
}  // namespace kms
