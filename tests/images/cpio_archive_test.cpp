#include "images/cpio_archive.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/posix_process.h"

namespace images {
namespace {

CpioArchive small_archive() {
  CpioArchive archive;
  archive.add_file("sbin/init", base::buffer_of(base::bytes_of("#!x\n1")), 0755);
  archive.add_symlink("sbin/again", "init");
  archive.add_character_device("dev/console", 0600, 5, 1);
  archive.add_directory("root", 0700);
  return archive;
}

TEST(CpioArchive, IsReadByGnuCpio) {
  base::ProcessOptions options;
  options.input = base::text_of(small_archive().bytes());
  options.environment = {"TZ=UTC"};
  base::ProcessResult result;
  try {
    result = base::run({"cpio", "--list", "--verbose", "--numeric-uid-gid", "--quiet"}, options);
  } catch (const base::Error&) {
    GTEST_SKIP() << "GNU cpio is not installed";
  }
  EXPECT_EQ(result.errors, "");
  EXPECT_EQ(result.output,
            "drwxr-xr-x   2 0        0               0 Jan  1  1970 dev\n"
            "crw-------   1 0        0          5,   1 Jan  1  1970 dev/console\n"
            "drwx------   2 0        0               0 Jan  1  1970 root\n"
            "drwxr-xr-x   2 0        0               0 Jan  1  1970 sbin\n"
            "lrwxrwxrwx   1 0        0               4 Jan  1  1970 sbin/again -> init\n"
            "-rwxr-xr-x   1 0        0               5 Jan  1  1970 sbin/init\n");
}

TEST(CpioArchive, HasHeadersOfTheKernelsBufferFormat) {
  CpioArchive archive;
  archive.add_file("a", base::buffer_of(base::bytes_of("xyz")), 0644);
  const std::string text = base::text_of(archive.bytes());
  // c_magic, ino, mode, uid, gid, nlink, mtime, filesize, maj, min, rmaj, rmin, namesize, chksum, as the format names
  // them
  EXPECT_EQ(text.substr(0, 116), std::string("070701"
                                             "00000001"
                                             "000081a4"
                                             "00000000"
                                             "00000000"
                                             "00000001"
                                             "00000000"
                                             "00000003"
                                             "00000000"
                                             "00000000"
                                             "00000000"
                                             "00000000"
                                             "00000002"
                                             "00000000"
                                             "a\0xyz\0",
                                             116));
  EXPECT_EQ(text.substr(116, 6), "070701");
  EXPECT_EQ(text.substr(226, 10), "TRAILER!!!");
  EXPECT_EQ(text.size(), 512U);
}

TEST(CpioArchive, DoesNotDependOnTheOrderOfAdding) {
  CpioArchive other;
  other.add_directory("root", 0700);
  other.add_character_device("dev/console", 0600, 5, 1);
  other.add_symlink("sbin/again", "init");
  other.add_file("sbin/init", base::buffer_of(base::bytes_of("#!x\n1")), 0755);
  EXPECT_EQ(other.bytes(), small_archive().bytes());
}

TEST(CpioArchive, RefusesPathsThatAreTwiceOrLeadOut) {
  CpioArchive archive = small_archive();
  for (const char* const path : {"sbin/init", "/etc", "a/../b", "", "a//b", "./a", "sbin/init/below"})
    EXPECT_THROW(archive.add_file(path, {}, 0644), base::Error) << path;
}

}  // namespace
}  // namespace images
