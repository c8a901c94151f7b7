#include "base/tar_archive.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <ostream>

#include "base/error.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "tests/temporary_folder.h"

namespace base {
namespace {

using ::testing::HasSubstr;
using Type = TarMember::Type;

std::vector<TarMember> three_members() {
  return {{"etc", Type::directory, 0755, ""},
          {"etc/motd", Type::file, 0640, "hello\n"},
          {"etc/mtab", Type::symlink, 0777, "/proc/mounts"}};
}

std::string listing(const std::string& archive) {
  ProcessOptions options;
  options.input = archive;
  options.environment = {"TZ=UTC"};
  return run_or_throw({"tar", "--list", "--verbose", "--numeric-owner", "--file=-"}, options);
}

TEST(TarArchive, IsReadByGnuTar) {
  EXPECT_EQ(listing(text_of(tar_archive(three_members()))),
            "drwxr-xr-x 0/0               0 1970-01-01 00:00 etc\n"
            "-rw-r----- 0/0               6 1970-01-01 00:00 etc/motd\n"
            "lrwxrwxrwx 0/0               0 1970-01-01 00:00 etc/mtab -> /proc/mounts\n");
}

TEST(TarArchive, SplitsALongPathWhereGnuTarJoinsIt) {
  const std::string path = std::string(60, 'd') + "/" + std::string(60, 'e') + "/" + std::string(90, 'f');
  const TarMember member{path, Type::file, 0644, "x"};
  EXPECT_THAT(listing(text_of(tar_archive({&member, 1}))), HasSubstr(" " + path + "\n"));
  EXPECT_EQ(read_tar_archive(tar_archive({&member, 1}), "archive").front().path, path);
}

TEST(TarArchive, ReadsWhatGnuTarWrites) {
  const tests::TemporaryFolder folder;
  const std::string file = folder.file("one.toml");
  write_file_atomically(file, std::string(700, 'q'), 0600);
  const std::string archive = run_or_throw(
      {"tar", "--create", "--format=ustar", "--mode=0444", "--directory", folder.path(), "--file=-", "one.toml"});
  const std::vector<TarMember> expected = {{"one.toml", Type::file, 0444, std::string(700, 'q')}};
  EXPECT_EQ(read_tar_archive(bytes_of(archive), "archive"), expected);
}

TEST(TarArchive, GivesBackWhatWasPutIn) {
  EXPECT_EQ(read_tar_archive(tar_archive(three_members()), "archive"), three_members());
}

TEST(TarArchive, RefusesToWriteWhatDoesNotFit) {
  for (const TarMember& member :
       {TarMember{std::string(101, 'x'), Type::file, 0644, ""}, TarMember{"/etc/motd", Type::file, 0644, ""},
        TarMember{"a/../b", Type::file, 0644, ""}, TarMember{"link", Type::symlink, 0777, std::string(101, 'x')}})
    EXPECT_THROW(tar_archive({&member, 1}), Error) << member.path;
}

/// Sets the checksum right again, so that a case reaches the check it is about.
void seal(Buffer& archive, std::size_t header = 0) {
  std::fill_n(archive.begin() + static_cast<std::ptrdiff_t>(header) + 148, 8, std::uint8_t{' '});
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += archive[header + i];
  for (std::size_t i = 6; i-- > 0; sum >>= 3U) archive[header + 148 + i] = static_cast<std::uint8_t>('0' + (sum & 7U));
  archive[header + 154] = 0;
}

struct Malformed {
  const char* what;
  std::function<void(Buffer&)> damage;
  const char* message;
};

void PrintTo(const Malformed& malformed, std::ostream* out) {
  *out << malformed.what;
}

class MalformedTar : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedTar, IsRefusedSayingWhy) {
  Buffer archive = tar_archive(three_members());
  GetParam().damage(archive);
  try {
    read_tar_archive(archive, "config disk");
    FAIL() << "read as if it were well-formed";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::malformed);
    EXPECT_THAT(error.what(), HasSubstr("config disk+0x"));
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  }
}

// The second member's header is at 512, its content at 1024; the third's header at 1536, the end at 2048.
INSTANTIATE_TEST_SUITE_P(
    Table, MalformedTar,
    ::testing::Values(
        Malformed{"empty", [](Buffer& a) { a.clear(); }, "needs 512 bytes"},
        Malformed{"half a header", [](Buffer& a) { a.resize(300); }, "needs 512 bytes"},
        Malformed{"cut in the content", [](Buffer& a) { a.resize(1026); }, "needs 6 bytes, 2 left"},
        Malformed{"no end", [](Buffer& a) { a.resize(2048); }, "needs 512 bytes"},
        Malformed{"one end block", [](Buffer& a) { a.resize(2560); }, "zero blocks at the end"},
        Malformed{"half a block at the end", [](Buffer& a) { a.resize(a.size() + 7); }, "zero blocks at the end"},
        Malformed{"bytes after the end", [](Buffer& a) { a.back() = 1; }, "bytes after the end"},
        Malformed{"GNU magic", [](Buffer& a) { a[262] = ' '; }, "no POSIX ustar header"},
        Malformed{"checksum", [](Buffer& a) { a[0] = 'f'; }, "checksum is wrong"},
        Malformed{"size of letters", [](Buffer& a) { a[124] = 'x', seal(a); }, "size is no octal number"},
        Malformed{"binary size", [](Buffer& a) { a[636] = 0x80, seal(a, 512); }, "size is no octal number"},
        Malformed{"huge size", [](Buffer& a) { a[636] = '7', seal(a, 512); }, "needs 7516192774 bytes"},
        Malformed{"mode of letters", [](Buffer& a) { a[100] = 'x', seal(a); }, "mode is no octal number"},
        Malformed{"mode too large", [](Buffer& a) { a[101] = '1', seal(a); }, "mode is no octal number"},
        Malformed{"directory with content", [](Buffer& a) { a[134] = '1', seal(a); }, "is no file"},
        Malformed{"padding", [](Buffer& a) { a[1535] = 1; }, "padding is not zero"},
        Malformed{"absolute path", [](Buffer& a) { a[512] = '/', seal(a, 512); }, "no plain relative path"},
        Malformed{"way up", [](Buffer& a) { a[512] = '.', a[513] = '.', a[514] = '/', seal(a, 512); }, "no plain"},
        Malformed{"bytes after the name", [](Buffer& a) { a[90] = 'x', seal(a); }, "bytes after its end"},
        Malformed{"reserved bytes", [](Buffer& a) { a[511] = 1, seal(a); }, "reserved bytes"},
        Malformed{"hard link", [](Buffer& a) { a[668] = '1', seal(a, 512); }, "is of type 49"},
        Malformed{"pax header", [](Buffer& a) { a[668] = 'x', seal(a, 512); }, "is of type 120"},
        Malformed{"file with target", [](Buffer& a) { a[669] = 'x', seal(a, 512); }, "only a symbolic link"},
        Malformed{"link without target",
                  [](Buffer& a) { std::fill_n(a.begin() + 1693, 20, std::uint8_t{0}), seal(a, 1536); },
                  "only a symbolic link"},
        Malformed{"repeated path", [](Buffer& a) { std::copy_n("etc/motd", 8, a.begin() + 1536), seal(a, 1536); },
                  "is there twice"}),
    [](const auto& test) {
      std::string name = test.param.what;
      std::replace(name.begin(), name.end(), ' ', '_');
      return name;
    });

}  // namespace
}  // namespace base
