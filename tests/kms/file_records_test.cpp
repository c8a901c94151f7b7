#include "kms/file_records.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/error.h"
#include "base/posix_files.h"
#include "base/sqlite_database.h"
#include "tests/kms/samples.h"
#include "tests/temporary_folder.h"

namespace kms {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const KeyName root = KeyName::parse("worker/0/root");
const KeyName data = KeyName::parse("worker/0/data");

KeyRecord record_of(std::uint8_t handle) {
  KeyRecord record;
  record.policy = samples::policy();
  record.current = {1, {handle}};
  record.last_version = 1;
  return record;
}

/// A store file, and somebody who can write to it.
class RecordsFile : public testing::Test {
 protected:
  void SetUp() override {}
  std::unique_ptr<FileRecords> open(const base::TenantId& tenant = samples::acme, std::uint64_t noted = 0,
                                    std::uint8_t kek = 7) const {
    const auto wrapper = make_key_wrapper(base::Secret(base::Buffer(32, kek)));
    return open_file_records({path(), tenant, noted, nullptr}, *wrapper);
  }
  [[nodiscard]] std::string path() const { return folder_.file("keys.sqlite"); }
  [[nodiscard]] std::string copy_path() const { return folder_.file("copy.sqlite"); }
  [[nodiscard]] std::unique_ptr<FileRecords> open_copy(std::uint64_t noted = 0) const {
    const auto wrapper = make_key_wrapper(base::Secret(base::Buffer(32, 7)));
    return open_file_records({copy_path(), samples::acme, noted, nullptr}, *wrapper);
  }
  void two_keys() const {
    const auto records = open();
    ASSERT_EQ(records->write(root, record_of(1), 0), Written::yes);
    ASSERT_EQ(records->write(data, record_of(2), 0), Written::yes);
  }
  void tamper(const char* sql) const { base::SqliteDatabase("tampered store", path()).execute(sql); }
  void keep_copy() const {
    std::filesystem::copy_file(path(), copy_path(), std::filesystem::copy_options::overwrite_existing);
  }
  /// What opening and reading everything says.
  void expect_refusal(const char* message) const {
    EXPECT_THAT(
        [&] {
          const auto records = open();
          for (const KeyName& name : records->names()) records->read(name);
        },
        ThrowsMessage<base::Error>(HasSubstr(message)));
  }

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(RecordsFile, KeepsRecordsAndTheirRevisions) {
  two_keys();
  auto records = open();
  EXPECT_THAT(records->names(), ElementsAre(data, root));
  EXPECT_EQ(records->read(root)->record, record_of(1));
  EXPECT_EQ(records->write(root, record_of(3), 1), Written::yes);
  EXPECT_EQ(records->generation(), 3U);
  records.reset();
  records = open();
  EXPECT_EQ(records->read(root)->record, record_of(3));
  EXPECT_EQ(records->read(root)->revision, 2U);
  EXPECT_FALSE(records->read(KeyName::parse("other")));
}

TEST_F(RecordsFile, IsCopiedAsItIsAfterTheLatestWriteWhileItIsOpen) {
  two_keys();
  const auto records = open();
  ASSERT_EQ(records->write(root, record_of(3), 1), Written::yes);
  const base::Buffer content = records->content();
  ASSERT_EQ(records->write(root, record_of(4), 2), Written::yes);
  base::write_file_atomically(copy_path(), base::text_of(content), 0600);
  const auto copy = open_copy();
  EXPECT_EQ(copy->generation(), 3U);
  EXPECT_EQ(copy->read(root)->record, record_of(3));
  EXPECT_EQ(copy->read(data)->record, record_of(2));
}

TEST_F(RecordsFile, PutBackOnPurposeIsNewerThanWhatItReplaces) {
  two_keys();
  keep_copy();
  ASSERT_EQ(open()->write(root, record_of(3), 1), Written::yes);
  open_copy()->skip_generations(1000);
  const auto copy = open_copy(3);
  EXPECT_EQ(copy->generation(), 1002U);
  EXPECT_EQ(copy->read(root)->record, record_of(1));
  EXPECT_EQ(copy->write(root, record_of(5), 1), Written::yes);
  EXPECT_EQ(copy->generation(), 1003U);
}

TEST_F(RecordsFile, KeepsTheFirstOfTwoWriters) {
  two_keys();
  const auto records = open();
  EXPECT_EQ(records->write(root, record_of(3), 0), Written::somebody_else_was_first);
  EXPECT_EQ(records->write(root, record_of(3), 2), Written::somebody_else_was_first);
  EXPECT_EQ(records->read(root)->record, record_of(1));
}

TEST_F(RecordsFile, IsOneProcessesAlone) {
  two_keys();
  const auto records = open();
  EXPECT_THAT([&] { open(); }, ThrowsMessage<base::Error>(HasSubstr("database is locked")));
}

TEST_F(RecordsFile, OpensForItsTenantAndKeyOnly) {
  two_keys();
  EXPECT_THAT([&] { open({"other"}); }, ThrowsMessage<base::Error>(HasSubstr("it is tenant acme's, wanted other's")));
  EXPECT_THAT([&] { open(samples::acme, 0, 8); },
              ThrowsMessage<base::Error>(HasSubstr("it was changed, or wrapped under another key")));
  tamper("UPDATE store SET tenant = 'other'");
  EXPECT_THAT([&] { open({"other"}); }, ThrowsMessage<base::Error>(HasSubstr("or for another use")));
}

TEST_F(RecordsFile, ShowsARecordThatWasPutInTheRightOnesPlace) {
  two_keys();
  tamper(
      "CREATE TABLE x AS SELECT * FROM records WHERE name = 'worker/0/data';"
      "UPDATE records SET nonce = (SELECT nonce FROM x), ciphertext = (SELECT ciphertext FROM x),"
      " tag = (SELECT tag FROM x) WHERE name = 'worker/0/root'");
  expect_refusal("record of key worker/0/root at revision 1: it was changed, or is not the record");
}

TEST_F(RecordsFile, ShowsAChangedRecord) {
  const auto refused = [&](const char* change, const char* message) {
    std::filesystem::remove(path());
    two_keys();
    tamper(change);
    SCOPED_TRACE(change);
    expect_refusal(message);
  };
  refused("UPDATE records SET ciphertext = zeroblob(length(ciphertext)) WHERE name = 'worker/0/root'",
          "it was changed");
  refused("UPDATE records SET state = 'in-use' WHERE name = 'worker/0/root'", "it was changed");
  refused("UPDATE records SET version = 2 WHERE name = 'worker/0/root'", "it was changed");
  refused("UPDATE records SET revision = 2 WHERE name = 'worker/0/root'", "put back as it was");
  refused("UPDATE records SET tag = x'00' WHERE name = 'worker/0/root'", "it was changed");
  refused("DELETE FROM records WHERE name = 'worker/0/root'", "a record was removed");
  refused("UPDATE records SET name = 'worker/0/more' WHERE name = 'worker/0/root'", "a record was removed");
  refused("UPDATE records SET name = '../x' WHERE name = 'worker/0/root'", "key name: got '../x'");
  refused("UPDATE store SET generation = 9", "the tag does not verify");
}

TEST_F(RecordsFile, ShowsARecordThatWasPutBackAsItWas) {
  two_keys();
  keep_copy();
  {
    EXPECT_EQ(open()->write(root, record_of(3), 1), Written::yes);
  }
  tamper(("ATTACH '" + copy_path() +
          "' AS old; INSERT OR REPLACE INTO main.records SELECT * FROM old.records"
          " WHERE name = 'worker/0/root'")
             .c_str());
  expect_refusal("put back as it was before generation 3");
}

TEST_F(RecordsFile, ShowsAWholeOlderFileToWhoNotedItsGeneration) {
  two_keys();
  keep_copy();
  {
    EXPECT_EQ(open()->write(root, record_of(3), 1), Written::yes);
  }
  std::filesystem::rename(copy_path(), path());
  EXPECT_THAT([&] { open(samples::acme, 3); }, ThrowsMessage<base::Error>(HasSubstr("an older file was put back")));
  std::filesystem::remove(path());
  EXPECT_THAT([&] { open(samples::acme, 3); },
              ThrowsMessage<base::Error>(HasSubstr("it is empty, wanted generation 3")));
}

}  // namespace
}  // namespace kms
