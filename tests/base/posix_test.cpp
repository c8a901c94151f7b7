#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_child.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "tests/temporary_folder.h"

namespace base {
namespace {

class Folder : public testing::Test {
 protected:
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

 private:
  tests::TemporaryFolder folder_;
};
using Files = Folder;

TEST_F(Files, AreReplacedWholeAndLeaveNothingBeside) {
  write_file_atomically(file("plan"), "old", 0644);
  write_file_atomically(file("plan"), "new", 0640);
  EXPECT_EQ(read_file(file("plan")), "new");
  EXPECT_EQ(file_sha256(file("plan")), sha256(bytes_of("new")));
  const auto entries = std::filesystem::directory_iterator(std::filesystem::path(file("plan")).parent_path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
  EXPECT_EQ(read_file_if_any(file("none")), std::nullopt);
  EXPECT_THROW(read_file(file("none")), Error);
  EXPECT_THROW(read_file(file("plan"), 2), Error);
}

TEST_F(Files, AreMappedWholeHoweverTheyAreMoved) {
  write_file_atomically(file("kernel"), "bytes", 0644);
  MappedFile mapped(file("kernel"));
  MappedFile moved(std::move(mapped));
  EXPECT_EQ(text_of(moved.bytes()), "bytes");
  write_file_atomically(file("empty"), "", 0644);
  moved = MappedFile(file("empty"));
  EXPECT_TRUE(moved.bytes().empty());
  EXPECT_THROW(MappedFile(file("none")), Error);
  EXPECT_THROW(MappedFile(file("kernel"), 4), Error);
}

TEST_F(Files, ThatCannotBeMappedAreRead) {
  EXPECT_TRUE(MappedFile("/dev/null").bytes().empty());
  ASSERT_EQ(::mkfifo(file("pipe").c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(file("pipe")) << "through a pipe"; });
  const MappedFile read(file("pipe"));
  writer.join();
  EXPECT_EQ(text_of(read.bytes()), "through a pipe");
}

TEST_F(Files, ThatAreSecretAreNeverReplacedNorReadWhenOthersMay) {
  const Secret secret(Buffer{1, 2, 3});
  write_new_secret_file(file("key"), secret);
  EXPECT_EQ(buffer_of(read_secret_file(file("key")).view()), (Buffer{1, 2, 3}));
  EXPECT_THROW(write_new_secret_file(file("key"), secret), Error);
  ::chmod(file("key").c_str(), 0640);
  EXPECT_THROW(read_secret_file(file("key")), Error);
}

TEST(Process, GivesInputTakesOutputAndExitCode) {
  const ProcessResult result = run({"sh", "-c", "cat; echo oops >&2; exit 3"}, {.input = "hello"});
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.output, "hello");
  EXPECT_EQ(result.errors, "oops\n");
}

TEST(Process, CarriesMoreThanAPipeHolds) {
  const std::string large(1U << 20U, 'x');
  EXPECT_EQ(run({"cat"}, {.input = large}).output, large);
}

TEST(Process, SurvivesAProgramThatDoesNotReadItsInput) {
  EXPECT_EQ(run({"true"}, {.input = std::string(1U << 20U, 'x')}).exit_code, 0);
}

TEST(Process, HasOnlyTheEnvironmentItWasGiven) {
  ::setenv("BULKHEAD_SECRET_FOR_TEST", "x", 1);
  EXPECT_EQ(run_or_throw({"sh", "-c", "echo $BULKHEAD_SECRET_FOR_TEST$LC_ALL$MINE"}, {.environment = {"MINE=1"}}),
            "C1\n");
}

TEST(Process, FailsInTheOtherProgramsWords) {
  try {
    run_or_throw({"sh", "-c", "echo no such bridge >&2; exit 2"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "'sh -c echo no such bridge >&2; exit 2' exited with 2: no such bridge");
  }
  EXPECT_THROW(run({"bulkhead-no-such-program"}), Error);
}

TEST(Child, SpeaksLinesAndIsGoneWithItsObject) {
  const SocketPair pair = socket_pair();
  pid_t process = 0;
  {
    LineSocket socket(pair.ours, "cat", LineSocket::Clock::now() + std::chrono::seconds(20));
    const Child child({"cat"}, {.standard = pair.theirs, .errors = {}, .inherited = {}});
    ::close(pair.theirs);
    process = child.id();
    socket.send("one");
    socket.send("two\r");
    EXPECT_EQ(socket.receive(), "one");
    EXPECT_EQ(socket.receive(), "two");
    socket.send(std::string(100, 'x'));
    EXPECT_THROW(socket.receive(10), Error);
  }
  EXPECT_EQ(::kill(process, 0), -1) << "reaped";
}

TEST(Child, TellsItsExitCodeAndThatItCannotBeStarted) {
  Child child({"sh", "-c", "exit 7"}, {});
  EXPECT_EQ(child.ended_within(std::chrono::seconds(20)), 7);
  EXPECT_THROW(Child({"bulkhead-no-such-program"}, {}), Error);
}

TEST(LineSocket, GivesUpAtItsDeadlineAndWhenThePeerIsGone) {
  const SocketPair slow = socket_pair(), gone = socket_pair();
  LineSocket waiting(slow.ours, "nobody", LineSocket::Clock::now() + std::chrono::milliseconds(20));
  EXPECT_THROW(waiting.receive(), Error);
  ::close(slow.theirs);
  LineSocket left(gone.ours, "nobody", LineSocket::Clock::now() + std::chrono::seconds(20));
  ::close(gone.theirs);
  EXPECT_THROW(left.receive(), Error);
}

}  // namespace
}  // namespace base
