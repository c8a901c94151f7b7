#include "guest/initdata_check.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/tar_archive.h"
#include "guest/config_disk.h"

namespace guest {
namespace {

/// SHA-256 of "abc". Source: FIPS 180-2 appendix B.1
constexpr const char* digest_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

template <typename Action>
std::string refusal(base::Kind kind, Action action) {
  try {
    action();
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  return "accepted";
}

TEST(InitdataCheck, AcceptsTheDocumentWhoseDigestTheCommandLineHolds) {
  const std::string word = std::string("bulkhead.initdata=sha256:") + digest_of_abc;
  for (const std::string& line : {word, "console=ttyS0 " + word, word + " quiet\n", "a\t" + word + "  panic=-1"}) {
    EXPECT_NO_THROW(check_initdata("abc", line)) << line;
  }
}

TEST(InitdataCheck, RefusesOneOtherCharacterWithBothDigests) {
  const std::string line = std::string("bulkhead.initdata=sha256:") + digest_of_abc;
  EXPECT_EQ(refusal(base::Kind::not_attested, [&] { check_initdata("abd", line); }),
            "initdata differs from the measured one: got sha256 "
            "a52d159f262b2c6ddb724a61840befc36eb30c88877a4030b65cbe86298449c9, wanted " +
                std::string(digest_of_abc));
}

TEST(InitdataCheck, RefusesACommandLineWithoutExactlyOneDigest) {
  struct Case {
    std::string line, message;
  };
  const std::string word = std::string("bulkhead.initdata=sha256:") + digest_of_abc;
  const Case cases[] = {
      {"", "the kernel command line has no word bulkhead.initdata"},
      {"console=ttyS0", "the kernel command line has no word bulkhead.initdata"},
      {"x" + word, "the kernel command line has no word bulkhead.initdata"},
      {"bulkhead.initdatax=1", "the kernel command line has no word bulkhead.initdata"},
      {word + " " + word, "the kernel command line has the word bulkhead.initdata twice"},
      {word + " bulkhead.initdata", "the kernel command line has the word bulkhead.initdata twice"},
      {"bulkhead.initdata", "kernel command line: bulkhead.initdata: got '', wanted sha256:<64 hexadecimal digits>"},
      {"bulkhead.initdata=sha384:00",
       "kernel command line: bulkhead.initdata: got 'sha384:00', wanted sha256:<64 hexadecimal digits>"},
      {"bulkhead.initdata=sha256:ba78",
       "kernel command line: bulkhead.initdata: got 'sha256:ba78', wanted sha256:<64 hexadecimal digits>"},
      {"bulkhead.initdata=\"sha256:ba78\"",
       "kernel command line: bulkhead.initdata: got '\"sha256:ba78\"', wanted sha256:<64 hexadecimal digits>"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(refusal(base::Kind::not_attested, [&] { check_initdata("abc", one.line); }), one.message) << one.line;
  }
}

base::Buffer disk_with(std::vector<base::TarMember> members) {
  return base::tar_archive(members);
}

TEST(ConfigDisk, GivesInitdataFromAnArchiveOfThisOneFile) {
  base::Buffer disk = disk_with({{"initdata.toml", base::TarMember::Type::file, 0444, "abc"}});
  disk.resize(1U << 20U);
  EXPECT_EQ(initdata_on(disk), "abc");
}

TEST(ConfigDisk, RefusesAnythingElseOnTheDisk) {
  using Type = base::TarMember::Type;
  EXPECT_EQ(refusal(base::Kind::malformed, [] { initdata_on(disk_with({})); }),
            "config disk: got no file, wanted the file initdata.toml and nothing else");
  EXPECT_EQ(
      refusal(base::Kind::malformed,
              [] { initdata_on(disk_with({{"initdata.toml", Type::file, 0444, "a"}, {"x", Type::file, 0444, ""}})); }),
      "config disk: got initdata.toml, x, wanted the file initdata.toml and nothing else");
  EXPECT_EQ(
      refusal(base::Kind::malformed, [] { initdata_on(disk_with({{"initdata.toml", Type::symlink, 0777, "x"}})); }),
      "config disk: got initdata.toml, wanted the file initdata.toml and nothing else");
  EXPECT_NE(refusal(base::Kind::malformed, [] { initdata_on(base::Buffer(1024, 0x41)); }), "accepted");
}

}  // namespace
}  // namespace guest
