#include "guest/cryptsetup_disk.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "tests/temporary_folder.h"

// The header, on a file in a disk's place, as `cryptsetup` itself sees it. Opening takes a kernel and root: guests do
// it.

namespace guest {
namespace {

class CryptsetupDisk : public testing::Test {
 protected:
  CryptsetupDisk() {
    base::write_file_atomically(path, "", 0600);
    std::filesystem::resize_file(path, 64U << 20U);
    base::write_new_secret_file(folder.file("key"), base::Secret(base::Buffer(32, 7)));
    base::write_new_secret_file(folder.file("other"), base::Secret(base::Buffer(32, 8)));
  }
  void SetUp() override {
    if (!std::filesystem::exists("/usr/sbin/cryptsetup")) GTEST_SKIP() << "no cryptsetup on this machine";
  }
  [[nodiscard]] int opens_with(const std::string& key) const {
    return base::run({"/usr/sbin/cryptsetup", "open", "--test-passphrase", "--key-file", folder.file(key), path})
        .exit_code;
  }
  [[nodiscard]] std::string header() const {
    return base::run_or_throw({"/usr/sbin/cryptsetup", "luksDump", "--dump-json-metadata", path});
  }

  tests::TemporaryFolder folder;
  std::string path = folder.file("disk");
  std::unique_ptr<EncryptedDisk> disk = make_encrypted_disk(path, "data");
};

TEST_F(CryptsetupDisk, IsBlankAndThenLuks2ThatItsKeyAloneOpens) {
  EXPECT_EQ(disk->content(), DiskContent::blank);
  disk->format(base::Buffer(32, 7));
  EXPECT_EQ(disk->content(), DiskContent::filled);
  EXPECT_EQ(opens_with("key"), 0);
  EXPECT_EQ(opens_with("other"), 2);
  const base::Json json = base::Json::parse(header(), "header");
  EXPECT_EQ(json.at("segments").at("0").at("encryption").text(), "aes-xts-plain64");
  const base::Json& slot = json.at("keyslots").at("0");
  EXPECT_EQ(slot.at("key_size").integer(), 64);
  EXPECT_EQ(slot.at("kdf").at("type").text(), "pbkdf2");
  EXPECT_EQ(slot.at("kdf").at("iterations").integer(), 1000);
  EXPECT_EQ(json.at("keyslots").object().size(), 1U);
}

TEST_F(CryptsetupDisk, IsUnfinishedWithAHeaderThatNoKeyOpens) {
  disk->format(base::Buffer(32, 7));
  base::run_or_throw({"/usr/sbin/cryptsetup", "--batch-mode", "luksKillSlot", path, "0"});
  EXPECT_EQ(disk->content(), DiskContent::unfinished);
  disk->format(base::Buffer(32, 8));
  EXPECT_EQ(opens_with("other"), 0);
}

TEST_F(CryptsetupDisk, IsFilledWithWhateverElseIsThere) {
  base::run_or_throw({"/sbin/mke2fs", "-q", "-F", path});
  EXPECT_EQ(disk->content(), DiskContent::filled);
  EXPECT_FALSE(disk->open(base::Buffer(32, 7))) << "it has no header";
}

TEST_F(CryptsetupDisk, IsGivenAnotherKeyAndThenOpensWithThatOneAlone) {
  const base::Buffer first(32, 7), second(32, 8);
  disk->format(first);
  disk->add_key(first, second);
  EXPECT_EQ(disk->keys(), 2U);
  EXPECT_EQ(opens_with("key"), 0);
  EXPECT_EQ(opens_with("other"), 0);
  disk->add_key(first, second);
  EXPECT_EQ(disk->keys(), 2U) << "it has it";
  const base::Json added = base::Json::parse(header(), "header").at("keyslots").at("1");
  EXPECT_EQ(added.at("kdf").at("type").text(), "pbkdf2");
  EXPECT_EQ(added.at("kdf").at("iterations").integer(), 1000);
  EXPECT_EQ(added.at("area").at("encryption").text(), "aes-xts-plain64");
  EXPECT_EQ(added.at("area").at("key_size").integer(), 64);
  const base::Secret kept(base::Buffer{second});
  disk->keep_only({&kept, 1});
  EXPECT_EQ(disk->keys(), 1U);
  EXPECT_EQ(opens_with("key"), 2);
  EXPECT_EQ(opens_with("other"), 0);
}

TEST_F(CryptsetupDisk, KeepsARecoveryKeyThroughRotationsUntilItGetsAnother) {
  const base::Secret first(base::Buffer(32, 7)), second(base::Buffer(32, 9)), recovery(base::Buffer(32, 8));
  const auto note_of = [](int slot) {
    return R"({"type":"bulkhead-recovery","keyslots":[")" + std::to_string(slot) + R"("],"keys":[]})";
  };
  disk->format(first.view());
  EXPECT_EQ(disk->recovery_note(), std::nullopt);
  disk->set_recovery({&first, 1}, recovery.view(), note_of);
  EXPECT_EQ(disk->keys(), 1U) << "it does not count";
  EXPECT_EQ(opens_with("other"), 0);
  disk->add_key(first.view(), second.view());
  disk->keep_only({&second, 1});
  EXPECT_EQ(opens_with("key"), 2);
  EXPECT_EQ(opens_with("other"), 0);
  EXPECT_THAT(disk->recovery_note().value_or(""), testing::HasSubstr("\"keyslots\":[\"1\"]"));
  const std::string exported = base::run_or_throw({"/usr/sbin/cryptsetup", "token", "export", "--token-id", "0", path});
  EXPECT_EQ(base::Json::parse(exported, "token"), base::Json::parse(note_of(1), "note")) << "as an owner gets it";
  disk->set_recovery({&second, 1}, first.view(), note_of);
  EXPECT_EQ(opens_with("key"), 0);
  EXPECT_EQ(opens_with("other"), 2) << "the recovery key of before";
  EXPECT_EQ(base::Json::parse(header(), "header").at("tokens").object().size(), 1U);
  disk->drop_recovery();
  EXPECT_EQ(disk->recovery_note(), std::nullopt);
  EXPECT_EQ(opens_with("key"), 2);
  EXPECT_EQ(disk->keys(), 1U);
}

TEST_F(CryptsetupDisk, LosesNoKeyForOnesThatDoNotOpenIt) {
  const base::Buffer first(32, 7), second(32, 8);
  disk->format(first);
  const base::Secret unknown(base::Buffer{second});
  EXPECT_THROW(disk->keep_only({&unknown, 1}), base::Error);
  EXPECT_THROW(disk->keep_only({}), base::Error);
  EXPECT_THROW(disk->add_key(second, base::Buffer(32, 9)), base::Error);
  EXPECT_EQ(disk->keys(), 1U);
  EXPECT_EQ(opens_with("key"), 0);
}

TEST_F(CryptsetupDisk, TakesNoKeyWhereItsHeaderIsGone) {
  EXPECT_THAT([&] { disk->keys(); }, testing::ThrowsMessage<base::Error>("has no LUKS2 header any more"));
}

TEST_F(CryptsetupDisk, DoesNotOpenWhoseHeaderAsksForAnotherCipher) {
  for (const std::string cipher : {"aes-cbc-essiv:sha256", "aes-xts-plain64"}) {
    base::run_or_throw({"/usr/sbin/cryptsetup", "--batch-mode", "luksFormat", "--type", "luks2", "--cipher", cipher,
                        "--key-size", "256", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000", "--key-file",
                        folder.file("key"), path});
    EXPECT_THAT([&] { disk->open(base::Buffer(32, 7)); },
                testing::ThrowsMessage<base::Error>(testing::HasSubstr("its header asks for " + cipher +
                                                                       " with 256 bits, wanted aes-xts-plain64 with"
                                                                       " 512")));
  }
}

}  // namespace
}  // namespace guest
