#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/posix_files.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class KeysSave : public testing::Test {
 protected:
  KeysSave() {
    must({"keys", "backup", "--out", file("backup")});
    must({"keys", "approval", "--out", file("owner")});
    must({"keys", "ca", "--tenant", "acme", "--out", file("ca")});
    must({"keys", "service", "--tenant", "acme", "--url", "https://10.20.255.1:8443", "--ca", file("ca.pem"), "--out",
          file("bundle")});
    base::write_file_atomically(file("pin"), std::string_view("271828"), 0600);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] std::string content(const std::string& name) const { return base::read_file(file(name)); }
  static Ran must(const std::vector<std::string>& words) {
    Ran ran = run_command(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran;
  }
  Ran save(const std::vector<std::string>& names, const std::string& out = "saved") {
    std::vector<std::string> words{"keys", "save"};
    for (const std::string& name : names) words.push_back(file(name));
    words.insert(words.end(), {"--to", file("backup.pub"), "--out", file(out)});
    return run_command(words);
  }
  Ran restore(const std::string& out, const std::string& key = "backup.key") {
    return run_command({"keys", "restore", "--from", file("saved"), "--key", file(key), "--out", file(out)});
  }
  [[nodiscard]] unsigned mode_of(const std::string& name) const {
    struct stat status{};
    ::stat(file(name).c_str(), &status);
    return status.st_mode & 07777U;
  }
  [[nodiscard]] bool is_there(const std::string& name) const { return std::filesystem::exists(file(name)); }

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(KeysSave, GivesTheFilesBackAsTheyWereToTheBackupKeyAlone) {
  const std::vector<std::string> names{"owner.key", "owner.pub", "ca.key", "ca.pem", "bundle", "pin"};
  const Ran saved = save(names);
  ASSERT_EQ(saved.code, 0) << saved.err;
  EXPECT_EQ(mode_of("saved"), 0600U);
  const Ran restored = restore("back");
  ASSERT_EQ(restored.code, 0) << restored.err;
  for (const std::string& name : names) {
    EXPECT_EQ(content("back/" + name), content(name));
    EXPECT_EQ(mode_of("back/" + name), mode_of(name)) << name;
    EXPECT_THAT(saved.out, HasSubstr("  " + name + ": "));
    EXPECT_THAT(restored.out, HasSubstr("  " + name + ": "));
  }
  EXPECT_EQ(mode_of("back"), 0700U);
  EXPECT_THAT(saved.out, HasSubstr("owner.key: private key, Ed25519, public key SHA-256 "));
  EXPECT_THAT(saved.out, HasSubstr("bundle: service bundle of acme, TLS certificate SHA-256 "));
  EXPECT_THAT(saved.out, HasSubstr("pin: no key that is known here, 6 bytes"));
  for (const std::string& said : {saved.out, saved.err, restored.out, restored.err}) {
    EXPECT_THAT(said, Not(HasSubstr("PRIVATE KEY")));
    EXPECT_THAT(said, Not(HasSubstr("271828")));
  }
  EXPECT_THAT(content("saved"), Not(HasSubstr("PRIVATE KEY")));
  must({"keys", "backup", "--out", file("other")});
  EXPECT_EQ(restore("elsewhere", "other.key").code, 1);
  EXPECT_FALSE(is_there("elsewhere"));
}

TEST_F(KeysSave, ReplacesNothing) {
  ASSERT_EQ(save({"owner.key"}).code, 0);
  const std::string before = content("saved");
  EXPECT_EQ(save({"ca.key"}).code, 1);
  EXPECT_EQ(content("saved"), before);
  std::filesystem::create_directories(file("full/more"));
  const Ran refused = restore("full");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("a restore replaces nothing"));
  EXPECT_FALSE(is_there("full/owner.key"));
  std::filesystem::create_directories(file("empty"));
  std::filesystem::create_directories(file("empty.restoring/half"));
  EXPECT_EQ(restore("empty").code, 0) << "an empty folder, and a restore that was interrupted";
  EXPECT_FALSE(is_there("empty/half"));
  EXPECT_FALSE(is_there("empty.restoring"));
}

TEST_F(KeysSave, RefusesWhatOthersCanReadWhatIsCalledAlikeAndItsOwnKey) {
  std::filesystem::create_directories(file("more"));
  std::filesystem::copy_file(file("ca.key"), file("more/owner.key"));
  base::write_file_atomically(file("open.key"), content("owner.key"), 0640);
  base::write_file_atomically(file("open"), content("bundle"), 0644);
  base::write_file_atomically(file("both"), content("ca.pem") + content("owner.key"), 0644);
  struct Case {
    std::vector<std::string> names;
    int code;
    const char* words;
  };
  for (const Case& one :
       {Case{{"open.key"}, 1, "others than its owner may read"}, Case{{"open"}, 1, "others than its owner may read"},
        Case{{"both"}, 1, "others than its owner may read"},
        Case{{"owner.key", "more/owner.key"}, 64, "another file is called 'owner.key' too"},
        Case{{"owner.key", "backup.key"}, 1, "is the key that opens this backup"}, Case{{"absent"}, 1, "cannot read"},
        Case{{"more"}, 1, "more"}}) {
    const Ran ran = save(one.names);
    EXPECT_EQ(ran.code, one.code) << one.names.back() << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(one.words));
    EXPECT_FALSE(is_there("saved"));
  }
  EXPECT_EQ(save({"backup.pub"}).code, 0) << "its public part is no secret";
}

TEST_F(KeysSave, IsForABackupKeyAndNoOtherKind) {
  EXPECT_EQ(run_command({"keys", "save", file("ca.key"), "--to", file("owner.pub"), "--out", file("saved")}).code, 3);
  EXPECT_FALSE(is_there("saved"));
}

TEST_F(KeysSave, RestoresNothingOfAChangedFile) {
  ASSERT_EQ(save({"owner.key"}).code, 0);
  std::string changed = content("saved");
  changed.back() = static_cast<char>(changed.back() ^ 1);
  base::write_file_atomically(file("saved"), changed, 0600);
  EXPECT_EQ(restore("back").code, 1);
  EXPECT_FALSE(is_there("back"));
}

}  // namespace
}  // namespace cli
