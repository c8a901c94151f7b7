#include "base/posix_file_lock.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.h"
#include "base/posix_files.h"
#include "tests/temporary_folder.h"

namespace {

std::string refusal_of(const std::string& path) {
  try {
    base::FileLock lock(path, "another apply");
  } catch (const base::Error& error) {
    return error.what();
  }
  return "";
}

class FileLock : public testing::Test {
 protected:
  tests::TemporaryFolder folder;
  std::string path = folder.file("lock");
};

TEST_F(FileLock, NamesItsHolderToWhoComesSecond) {
  const base::FileLock first(path, "another apply");
  EXPECT_EQ(refusal_of(path), "another apply (process " + std::to_string(::getpid()) + ") holds the lock " + path +
                                  "; run this again when it has ended");
}

TEST_F(FileLock, IsGoneWithItsFileWhenGivenBack) {
  {
    const base::FileLock first(path, "another apply");
  }
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(refusal_of(path), "");
}

TEST_F(FileLock, TakesOverTheFileOfAHolderThatDied) {
  base::write_file_atomically(path, "4194304", 0600);
  EXPECT_EQ(refusal_of(path), "");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(FileLock, FollowsNoSymbolicLink) {
  std::filesystem::create_symlink("/dev/null", path);
  EXPECT_THAT(refusal_of(path), testing::HasSubstr("cannot make the lock " + path));
  std::filesystem::remove(path);
}

TEST_F(FileLock, SaysWhichFolderIsMissing) {
  EXPECT_EQ(refusal_of("/nowhere/bulkhead.lock"),
            "cannot make the lock /nowhere/bulkhead.lock: No such file or directory");
}

}  // namespace
