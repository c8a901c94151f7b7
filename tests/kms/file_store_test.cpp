#include "kms/embedded_store.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "tests/kms/samples.h"
#include "tests/temporary_folder.h"

namespace kms {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

const KeyName root = KeyName::parse("worker/0/root");

class Embedded : public testing::Test {
 protected:
  void SetUp() override { write_kek(base::base64(base::Buffer(32, 7)) + "\n"); }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  FileStore open() const {
    return open_embedded_store({samples::acme, file("keys.sqlite"), 0}, read_key_encryption_key(file("kek")));
  }
  void write_kek(const std::string& text, unsigned mode = 0600) const {
    base::write_file_atomically(file("kek"), text, mode);
  }
  static base::Buffer key(KeyStore& store, Slot slot = Slot::current) {
    return base::buffer_of(std::get<base::Secret>(store.release(root, samples::guest(), slot)).view());
  }

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(Embedded, KeepsKeysInAFileOfItsOwner) {
  base::Buffer made;
  {
    FileStore store = open();
    store.keys.create(root, samples::policy());
    made = key(store.keys);
  }
  FileStore again = open();
  EXPECT_EQ(key(again.keys), made);
  struct stat status{};
  ASSERT_EQ(::stat(file("keys.sqlite").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Embedded, WritesNoKeyInTheClear) {
  base::Buffer made;
  {
    FileStore store = open();
    store.keys.create(root, samples::policy());
    made = key(store.keys);
  }
  const std::string content = base::read_file(file("keys.sqlite"));
  EXPECT_THAT(content, Not(HasSubstr(base::text_of(made))));
  EXPECT_THAT(content, Not(HasSubstr(base::base64(made).substr(0, 40))));
  EXPECT_THAT(content, Not(HasSubstr(samples::approved))) << "policies are sealed too";
}

TEST_F(Embedded, RefusesAKeyFileThatOthersReadOrThatIsNone) {
  const auto refused = [&](const char* message) {
    EXPECT_THAT([&] { open(); }, ThrowsMessage<base::Error>(HasSubstr(message)));
  };
  write_kek(base::base64(base::Buffer(32, 7)), 0640);
  refused("others than its owner");
  for (const std::string& text :
       {std::string(), base::base64(base::Buffer(31, 7)), base::base64(base::Buffer(32, 7)) + " "}) {
    write_kek(text);
    refused("wanted one line, base64 of 32 bytes");
  }
}

/// A child that rotates the key for ever, one letter for each rotation it was told is done.
[[noreturn]] void rotate_for_ever(const FileStoreOptions& options, const std::string& key_file, int report) {
  FileStore store = open_embedded_store(options, read_key_encryption_key(key_file));
  for (;;) {
    if (store.keys.status(root).state == KeyState::in_use) store.keys.begin_rotation(root);
    store.keys.commit_rotation(root);
    if (::write(report, "r", 1) != 1) ::_exit(0);
  }
}

TEST_F(Embedded, SurvivesKillNineDuringRotations) {
  {
    FileStore store = open();
    store.keys.create(root, samples::policy());
    store.keys.mark_formatted(root);
  }
  for (unsigned round = 0; round < 10; ++round) {
    int report[2] = {-1, -1};
    ASSERT_EQ(::pipe(report), 0);
    const pid_t child = ::fork();
    if (child == 0) rotate_for_ever({samples::acme, file("keys.sqlite"), 0}, file("kek"), report[1]);
    ::close(report[1]);
    char done = 0;
    for (unsigned i = 0; i <= round; ++i) ASSERT_EQ(::read(report[0], &done, 1), 1);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(report[0]);
    FileStore store = open();
    const KeyStatus status = store.keys.settle(root);
    EXPECT_GT(status.current, round);
    EXPECT_EQ(key(store.keys).size(), key_size);
    if (status.state == KeyState::rotating) {
      EXPECT_EQ(key(store.keys, Slot::next).size(), key_size);
    }
  }
}

}  // namespace
}  // namespace kms
