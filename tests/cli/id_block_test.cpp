#include "cli/id_block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "cli/keys.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;

const std::string digest =
    "a14d638341e5674628fe1e02fbedebe5e5ab4faf1dd72d8966068e615bb99efd13d214b35c231715b38e263dc6059745";

/// A folder with an ID key and an author key, and what `id-block make` writes there.
class IdBlockVerbs : public testing::Test {
 protected:
  IdBlockVerbs() {
    std::ostringstream out, err;
    Console console{out, err};
    make_id_key({file("id")}, console);
    make_author_key({file("author")}, console);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  static Ran id_block(std::vector<std::string> words) {
    words.insert(words.begin(), "id-block");
    return run_command(words);
  }
  Ran make(std::vector<std::string> more = {}) const {
    std::vector<std::string> words{"make",        "--id-key",   file("id.key"), "--out-block",
                                   file("block"), "--out-auth", file("auth"),   "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return id_block(words);
  }
  [[nodiscard]] std::vector<std::string> measurement(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"--measurement", digest});
    return more;
  }
  Ran verify(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"verify", file("block"), file("auth")});
    return id_block(more);
  }
  void write(const std::string& name, const std::string& text) const {
    base::write_file_atomically(file(name), text, 0644);
  }

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(IdBlockVerbs, SignWhatTheyAreToldAndShowIt) {
  const Ran made = make(measurement({"--author-key", file("author.key"), "--family-id", "acme", "--image-id",
                                     "000102030405060708090a0b0c0d0e0f", "--guest-svn", "3", "--policy", "0xb0000"}));
  ASSERT_EQ(made.code, 0) << made.err;
  const Json json = Json::parse(made.out, "output");
  EXPECT_EQ(base::from_base64(json.at("idBlock").text()).value().size(), 96U);
  EXPECT_EQ(base::base64(base::bytes_of(base::read_file(file("auth")))), json.at("idAuth").text());
  EXPECT_TRUE(json.at("authorKeyEnabled").boolean());

  const Ran shown = id_block({"show", file("auth"), file("block"), "--json"});
  const Json fields = Json::parse(shown.out, "output");
  EXPECT_EQ(fields.at("schema").text(), "bulkhead.id-block/v1");
  EXPECT_EQ(fields.at("launchDigest").text(), digest);
  EXPECT_EQ(fields.at("familyId").text(), "61636d65000000000000000000000000");
  EXPECT_EQ(fields.at("imageId").text(), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(fields.at("guestSvn").integer(), 3);
  EXPECT_EQ(fields.at("policy").text(), "0xb0000");
  EXPECT_TRUE(fields.at("idBlockSigned").boolean());
  EXPECT_TRUE(fields.at("idKeySigned").boolean());
  EXPECT_EQ(fields.at("authorKeyX").text().size(), 96U);
  EXPECT_THAT(id_block({"show", file("block")}).out, HasSubstr("61636d65000000000000000000000000 (acme)"));
}

TEST_F(IdBlockVerbs, KeepGenuineSignaturesAndReplaceOthers) {
  make(measurement());
  const std::string first = base::read_file(file("auth"));
  EXPECT_TRUE(Json::parse(make(measurement()).out, "output").at("kept").boolean());
  EXPECT_EQ(base::read_file(file("auth")), first);
  EXPECT_FALSE(Json::parse(make(measurement({"--guest-svn", "1"})).out, "output").at("kept").boolean());
  EXPECT_NE(base::read_file(file("auth")), first);
  EXPECT_FALSE(Json::parse(make(measurement({"--guest-svn", "1", "--author-key", file("author.key")})).out, "output")
                   .at("kept")
                   .boolean());
  EXPECT_EQ(verify().code, 0);
}

TEST_F(IdBlockVerbs, ReadBase64AsHypervisorsTakeIt) {
  const Json made = Json::parse(make(measurement()).out, "output");
  write("block", made.at("idBlock").text() + "\n");
  write("auth", made.at("idAuth").text().substr(0, 76) + "\n" + made.at("idAuth").text().substr(76));
  EXPECT_EQ(verify().code, 0);
}

TEST_F(IdBlockVerbs, TakeTheDigestOfAMeasurementDocument) {
  write("one", R"({"schema": "bulkhead.measurement/v1", "launchDigest": ")" + digest + "\"}");
  EXPECT_EQ(make({"--measure-json", file("one")}).code, 0);
  EXPECT_EQ(verify({"--measurement", digest}).code, 0);
  write("two", R"({"schema": "bulkhead.measurement/v1", "launchDigest": {"1": ")" + std::string(96, '1') +
                   R"(", "2": ")" + digest + "\"}}");
  EXPECT_THAT(make({"--measure-json", file("two")}).err, HasSubstr("--vcpus: wanted one of 1, 2"));
  EXPECT_EQ(make({"--measure-json", file("two"), "--vcpus", "2"}).code, 0);
  EXPECT_EQ(verify({"--measurement", digest}).code, 0);
  write("sev", R"({"schema": "bulkhead.measurement/v1", "launchDigest": ")" + std::string(64, '1') + "\"}");
  EXPECT_EQ(make({"--measure-json", file("sev")}).code, 3);
  write("other", R"({"schema": "bulkhead.plan/v1"})");
  EXPECT_EQ(make({"--measure-json", file("other")}).code, 3);
}

TEST_F(IdBlockVerbs, SayWhatIsNotGenuine) {
  make(measurement());
  std::string block = base::read_file(file("block"));
  block[0x54] = 1;  // guest SVN
  write("block", block);
  const Ran ran = verify();
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.out, HasSubstr("signature over the ID block  NOT genuine"));
}

TEST_F(IdBlockVerbs, CompareWithTheKeysAndTheDigestWanted) {
  make(measurement());
  EXPECT_EQ(verify({"--id-key", file("id.pub"), "--measurement", digest}).code, 0);
  EXPECT_EQ(verify({"--id-key", file("author.pub")}).code, 5);
  EXPECT_THAT(verify({"--author-key", file("author.pub")}).out, HasSubstr("got no author key, wanted"));
  EXPECT_EQ(verify({"--measurement", std::string(96, '0')}).code, 5);
}

/// A report of version 2 that says what an ID block made the firmware say.
base::Buffer report(const Json& fields) {
  base::Buffer bytes(1184);
  const auto put = [&](std::size_t at, const base::Buffer& value) {
    std::copy(value.begin(), value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, {2});
  put(0x4, {static_cast<std::uint8_t>(fields.at("guestSvn").integer())});
  put(0x8, {0, 0, 3});
  put(0x10, base::from_hex(fields.at("familyId").text()).value());
  put(0x20, base::from_hex(fields.at("imageId").text()).value());
  put(0x34, {1});
  put(0x90, base::from_hex(fields.at("launchDigest").text()).value());
  put(0xe0, base::from_hex(fields.at("idKeyDigest").text()).value());
  return bytes;
}

TEST_F(IdBlockVerbs, CompareWithTheReportOfTheLaunch) {
  const Json fields =
      Json::parse(make(measurement({"--family-id", "f", "--image-id", "i", "--guest-svn", "9"})).out, "output");
  base::Buffer bytes = report(fields);
  base::write_file_atomically(file("report"), bytes, 0644);
  const Ran same = verify({"--report", file("report")});
  EXPECT_EQ(same.code, 0) << same.out << same.err;
  bytes[0x4] = 8;
  base::write_file_atomically(file("report"), bytes, 0644);
  const Ran other = verify({"--report", file("report")});
  EXPECT_EQ(other.code, 5);
  EXPECT_THAT(other.out, HasSubstr("report: guest SVN"));
  EXPECT_THAT(other.out, HasSubstr("got 8, wanted 9"));
}

struct Wrong {
  std::vector<std::string> words;
  int code;
  const char* message;
};
class WrongIdBlock : public IdBlockVerbs, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongIdBlock, IsNamed) {
  const Ran ran = make(GetParam().words);
  EXPECT_EQ(ran.code, GetParam().code);
  EXPECT_THAT(ran.err, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Table, WrongIdBlock,
    testing::Values(Wrong{{}, 64, "--measurement, --measure-json: wanted one"},
                    Wrong{{"--measurement", "12"}, 64, "wanted 96 hexadecimal digits"},
                    Wrong{{"--measurement", digest, "--family-id", "seventeen letters"}, 64, "--family-id: got"},
                    Wrong{{"--measurement", digest, "--policy", "0x10000"}, 64, "wanted bit 17"},
                    Wrong{{"--measurement", digest, "--guest-svn", "0x100000000"}, 64, "--guest-svn"},
                    Wrong{{"--measurement", digest, "--author-key", "/nowhere"}, 1, "cannot read /nowhere"},
                    Wrong{{"--measurement", digest, "--author-key", "pkcs11:nonsense"}, 64, "wanted a URI"}));

TEST_F(IdBlockVerbs, RefuseFilesThatAreNeither) {
  make(measurement());
  write("odd", "AAAA");
  EXPECT_THAT(id_block({"show", file("odd")}).err, HasSubstr("got base64 of 3 bytes, wanted an ID block (96)"));
  EXPECT_THAT(id_block({"verify", file("block"), file("block")}).err, HasSubstr("a second ID block"));
  EXPECT_EQ(id_block({"show", file("odd")}).code, 3);
}

}  // namespace
}  // namespace cli
