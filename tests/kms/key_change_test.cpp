#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/posix_files.h"
#include "base/sqlite_database.h"
#include "kms/embedded_store.h"
#include "kms/passport_records.h"
#include "kms/wrapped_material.h"
#include "tests/fakes/sqlite_power_loss.h"
#include "tests/kms/samples.h"
#include "tests/temporary_folder.h"

// A store that comes under another key-encryption key.

namespace kms {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

const KeyName root = KeyName::parse("worker/0/root");
const KeyName other = KeyName::parse("worker/0/data");

base::Secret kek(std::uint8_t byte) {
  return base::Secret(base::Buffer(32, byte));
}

base::Buffer key(KeyStore& store, const KeyName& name = root, Slot slot = Slot::current) {
  auto released = store.release(name, samples::guest(), slot);
  const base::Secret* secret = std::get_if<base::Secret>(&released);
  return secret != nullptr ? base::buffer_of(secret->view()) : base::Buffer();
}

class KeyChanges : public testing::Test {
 protected:
  [[nodiscard]] FileStoreOptions options(std::uint64_t noted = 0) const {
    return {samples::acme, folder_.file("keys.sqlite"), noted};
  }
  FileStore under(std::uint8_t current, std::uint64_t noted = 0) const {
    return open_embedded_store(options(noted), kek(current));
  }
  FileStore changed(std::uint8_t current, std::uint8_t previous, std::uint64_t noted = 0) const {
    return open_embedded_store(options(noted), {kek(current), kek(previous)});
  }
  /// A rotating key and one that was revoked.
  void fill() const {
    FileStore store = under(1);
    store.keys.create(root, samples::policy());
    store.keys.mark_formatted(root);
    store.keys.begin_rotation(root);
    store.keys.create(other, samples::policy());
    store.keys.revoke(other);
  }
  [[nodiscard]] std::string content() const { return base::read_file(options().path); }
  void put_back(const std::string& content) const {
    std::filesystem::remove(options().path + "-wal");
    base::write_file_atomically(options().path, content, 0600);
  }

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(KeyChanges, KeepEveryKeyAndItsStateAndTheGeneration) {
  fill();
  base::Buffer old_key, new_key;
  std::uint64_t generation = 0;
  {
    FileStore store = under(1);
    EXPECT_FALSE(store.key_changed);
    old_key = key(store.keys);
    new_key = key(store.keys, root, Slot::next);
    generation = store.records.generation();
  }
  for (int opened = 0; opened < 2; ++opened) {
    FileStore store = changed(2, 1, generation);
    EXPECT_EQ(store.key_changed, opened == 0);
    EXPECT_EQ(key(store.keys), old_key);
    EXPECT_EQ(key(store.keys, root, Slot::next), new_key);
    EXPECT_EQ(store.keys.status(other).state, KeyState::revoked);
    EXPECT_EQ(store.records.generation(), generation) << "what the records say did not change";
  }
  EXPECT_THAT([&] { under(1); }, ThrowsMessage<base::Error>(HasSubstr("wrapped under another key")));
  FileStore store = under(2);
  store.keys.commit_rotation(root);
  EXPECT_EQ(key(store.keys), new_key);
}

TEST_F(KeyChanges, LeaveNothingThatTheKeyBeforeOpens) {
  fill();
  std::vector<std::string> sealed;
  {
    base::SqliteDatabase database("store", options().path);
    base::SqliteStatement rows(database, "SELECT ciphertext FROM records UNION ALL SELECT wrapped_key FROM store");
    while (rows.step()) sealed.push_back(rows.column_text(0).substr(0, 32));
  }
  ASSERT_EQ(sealed.size(), 3U);
  for (const std::string& one : sealed) EXPECT_THAT(content(), HasSubstr(one));
  changed(2, 1);
  for (const std::string& one : sealed) EXPECT_THAT(content(), Not(HasSubstr(one)));
}

TEST_F(KeyChanges, MakeAStoreThatIsNotThereUnderTheNewKey) {
  {
    FileStore store = changed(2, 1);
    EXPECT_FALSE(store.key_changed);
    store.keys.create(root, samples::policy());
  }
  FileStore store = under(2);
  EXPECT_EQ(key(store.keys).size(), key_size);
}

TEST_F(KeyChanges, OpenNoStoreUnderAThirdKeyAndNoneThatWasChanged) {
  fill();
  EXPECT_THAT([&] { changed(3, 2); }, ThrowsMessage<base::Error>(HasSubstr("wrapped under another key")));
  const std::string whole = content();
  {
    base::SqliteDatabase database("store", options().path);
    database.execute("DELETE FROM records WHERE name = 'worker/0/data'");
  }
  EXPECT_THROW(changed(2, 1), base::Error);
  put_back(whole);
  EXPECT_TRUE(changed(2, 1).key_changed);
}

TEST_F(KeyChanges, ShowAnOlderFileThatWasPutBackAllTheSame) {
  fill();
  const std::string older = content();
  std::uint64_t noted = 0;
  {
    FileStore store = under(1);
    store.keys.abandon_rotation(root);
    noted = store.records.generation();
  }
  changed(2, 1, noted);
  put_back(older);
  EXPECT_THROW(changed(2, 1, noted), base::Error);
  EXPECT_LT(changed(2, 1).records.generation(), noted) << "a change of the key is no write that makes it newer";
}

TEST_F(KeyChanges, OfRecordsWhoseKeysAreElsewhereLeaveTheirHandles) {
  const auto open = [&](KeyEncryptionKeys keys) {
    return open_passport_records(options(), std::move(keys), "openbao 10.0.0.5:8200");
  };
  open(kek(1)).keys.create(root, samples::policy());
  FileStore store = open({kek(2), kek(1)});
  EXPECT_TRUE(store.key_changed);
  EXPECT_EQ(store.keys.mark_formatted(root).state, KeyState::in_use);
}

/// On the disk that loses its power.
OpenedRecords open_on_disk(std::uint8_t current, std::optional<std::uint8_t> previous,
                           std::unique_ptr<KeyMaterial>* material) {
  const std::shared_ptr<KeyWrapper> wrapper = make_key_wrapper(kek(current));
  const std::shared_ptr<KeyWrapper> before = make_key_wrapper(kek(previous.value_or(0)));
  std::optional<KeyChange> change;
  if (previous) {
    change.emplace(KeyChange{
        *before, [&](const MaterialId& id, base::Bytes handle) { return rewrapped(*before, *wrapper, id, handle); }});
  }
  if (material != nullptr) *material = make_wrapped_material("test", wrapper);
  return open_records_under_either({"/store", samples::acme, 0, fakes::PowerLossVfs::name}, *wrapper, change);
}

KeyStore open_store(std::uint8_t current, std::optional<std::uint8_t> previous) {
  std::unique_ptr<KeyMaterial> material;
  OpenedRecords opened = open_on_disk(current, previous, &material);
  return {samples::acme, std::move(opened.records), std::move(material)};
}

TEST(PowerLoss, LeavesAStoreThatOpensWithTheSameKeysWhenItsKeyChanges) {
  fakes::PowerLossDisk start;
  base::Buffer wanted;
  {
    const fakes::PowerLossVfs vfs(start);
    KeyStore store = open_store(1, std::nullopt);
    store.create(root, samples::policy());
    store.mark_formatted(root);
    wanted = key(store);
  }
  int points = 0;
  for (bool lost = true; lost; ++points) {
    fakes::PowerLossDisk disk = start;
    disk.changes_until_loss = points;
    bool completed = false;
    {
      const fakes::PowerLossVfs vfs(disk);
      try {
        completed = open_on_disk(2, 1, nullptr).key_changed;
      } catch (const base::Error&) {
        EXPECT_TRUE(disk.off);
      }
    }
    lost = disk.off;
    for (const auto reached : {fakes::Reached::nothing, fakes::Reached::half, fakes::Reached::everything}) {
      SCOPED_TRACE("power lost in change " + std::to_string(points) + ", reached: " + std::to_string(int(reached)));
      fakes::PowerLossDisk left = disk.after_loss(reached);
      const fakes::PowerLossVfs vfs(left);
      {
        const OpenedRecords again = open_on_disk(2, 1, nullptr);
        EXPECT_FALSE(completed && again.key_changed) << "it was done before";
      }
      KeyStore store = open_store(2, std::nullopt);
      EXPECT_EQ(key(store), wanted);
      EXPECT_EQ(store.status(root).state, KeyState::in_use);
    }
  }
  EXPECT_GT(points, 6);
}

}  // namespace
}  // namespace kms
