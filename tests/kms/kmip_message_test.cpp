#include "kms/kmip_message.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"

namespace kms {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// One exchange between PyKMIP's client and server (tests/data/kms/README.md).
struct Recorded {
  KmipVersion version;
  std::string what;    ///< "create AES-256"
  std::string result;  ///< what PyKMIP's client made of the answer
  base::Buffer request, answer;
};

std::vector<Recorded> recorded() {
  const std::string text = base::read_file(std::string(BULKHEAD_TEST_DATA) + "/kms/ttlv_pykmip.json");
  const base::Json json = base::Json::parse(text, "recording");
  std::vector<Recorded> all;
  for (const base::Json& step : json.at("steps").array()) {
    const std::string& name = step.at("step").text();  // "KMIP_1_2 create AES-256"
    const auto hex = [&](std::size_t i) { return *base::from_hex(step.at("messages").array().at(i).at("hex").text()); };
    const std::string& result = step.at("result").is_string() ? step.at("result").text() : "";
    all.push_back({{name[5] - '0', name[7] - '0'}, name.substr(9), result, hex(0), hex(1)});
  }
  return all;
}

/// Each kind of request, answered with what is in `of` its first byte on.
base::Secret request_like(const Recorded& of, const std::string& id) {
  const KmipVersion& version = of.version;
  if (of.what.starts_with("create"))
    return kmip_create(version, version.major == 1 ? "t-acme-disk-KMIP_1_2" : "t-acme-disk-KMIP_2_0");
  if (of.what.starts_with("register")) return kmip_register_secret(version, "Secret Data", base::Buffer(32, 0x11));
  if (of.what.starts_with("get")) return kmip_get(version, id);
  if (of.what == "activate") return kmip_activate(version, id);
  if (of.what == "locate") return kmip_locate(version, std::nullopt);
  if (of.what == "revoke") return kmip_revoke(version, id);
  EXPECT_EQ(of.what, "destroy");
  return kmip_destroy(version, id);
}

KmipOperation operation_of(const Recorded& of) {
  if (of.what.starts_with("create")) return KmipOperation::create;
  if (of.what.starts_with("register")) return KmipOperation::register_object;
  if (of.what.starts_with("get")) return KmipOperation::get;
  if (of.what == "activate") return KmipOperation::activate;
  if (of.what == "locate") return KmipOperation::locate;
  return of.what == "revoke" ? KmipOperation::revoke : KmipOperation::destroy;
}

/// The text in quotes within the recorded result.
std::string quoted(const std::string& result) {
  const std::size_t first = result.find('\'');
  return first == std::string::npos ? result : result.substr(first + 1, result.rfind('\'') - first - 1);
}

const Recorded& find(const std::vector<Recorded>& all, const std::string& what, std::int32_t major = 1) {
  for (const Recorded& one : all)
    if (one.what == what && one.version.major == major) return one;
  throw std::runtime_error("no " + what);
}

TEST(KmipMessage, WritesRequestsAsAnotherClientDoes) {
  unsigned requests = 0;
  for (const Recorded& one : recorded()) {
    const bool denied = one.what.ends_with("(denied)");
    const std::string id = one.version.major == 1 ? (denied ? "2" : "1") : (denied ? "4" : "3");
    EXPECT_EQ(base::hex(request_like(one, id).view()), base::hex(one.request)) << one.what;
    ++requests;
  }
  EXPECT_EQ(requests, 16U);
}

TEST(KmipMessage, ReadsAnswersAsAnotherClientDoes) {
  for (const Recorded& one : recorded()) {
    SCOPED_TRACE(one.what);
    const KmipAnswer answer = parse_kmip_answer(one.answer, one.version, operation_of(one));
    if (one.what.ends_with("(denied)")) {
      ASSERT_TRUE(answer.refusal);
      EXPECT_EQ(reason_text(answer.refusal->reason), "permission denied");
      EXPECT_THAT(one.result, HasSubstr(answer.refusal->message));
      continue;
    }
    ASSERT_FALSE(answer.refusal);
    if (one.what == "get") {
      EXPECT_EQ(base::hex(kmip_aes_key(answer.payload)), quoted(one.result));
    } else if (one.what == "locate") {
      if (one.version.major == 1) {
        EXPECT_THAT(kmip_unique_identifiers(answer.payload), ElementsAre("1", "2"));
      } else {
        EXPECT_THAT(kmip_unique_identifiers(answer.payload), ElementsAre("2", "3", "4"));
      }
    } else if (one.what.starts_with("create") || one.what.starts_with("register")) {
      EXPECT_EQ(kmip_unique_identifier(answer.payload), one.result);
    }
  }
}

TEST(KmipMessage, RefusesAnAnswerToAnotherQuestion) {
  const std::vector<Recorded> all = recorded();
  const base::Buffer& get = find(all, "get").answer;
  EXPECT_THAT([&] { parse_kmip_answer(get, {1, 4}, KmipOperation::get); },
              ThrowsMessage<base::Error>(HasSubstr("the server answers in KMIP 1.2, wanted 1.4")));
  EXPECT_THAT([&] { parse_kmip_answer(get, {1, 2}, KmipOperation::create); },
              ThrowsMessage<base::Error>(HasSubstr("got 0xa, wanted 0x1 (the operation asked for)")));
  EXPECT_THAT([&] { parse_kmip_answer(find(all, "get").request, {1, 2}, KmipOperation::get); },
              ThrowsMessage<base::Error>(HasSubstr("wanted a response message")));
}

TEST(KmipMessage, RefusesAnAnswerCutOffAnywhere) {
  const base::Buffer whole = find(recorded(), "get").answer;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const base::Bytes cut = base::Bytes(whole).first(size);
    EXPECT_THROW(parse_kmip_answer(cut, {1, 2}, KmipOperation::get), base::Error) << size;
  }
}

TEST(KmipMessage, RefusesAKeyOfAnotherKind) {
  const base::Buffer whole = find(recorded(), "get").answer;
  const auto changed = [&](std::string_view from, std::string_view to, const char* message) {
    std::string hex = base::hex(whole);
    const std::size_t at = hex.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    hex.replace(at, from.size(), to);
    const base::Buffer bytes = *base::from_hex(hex);
    EXPECT_THAT(
        [&] {
          const KmipAnswer answer = parse_kmip_answer(bytes, {1, 2}, KmipOperation::get);
          kmip_aes_key(answer.payload);
        },
        ThrowsMessage<base::Error>(HasSubstr(message)));
  };
  changed("420057050000000400000002", "420057050000000400000007", "(symmetric key)");
  changed("420042050000000400000001", "420042050000000400000002", "(raw)");
  changed("420028050000000400000003", "420028050000000400000001", "(AES)");
  changed("4200280500000004", "4200290500000004", "has no 0x420028");
  changed("42004308", "42004307", "wanted a byte string");
}

TEST(KmipMessage, ShowsAServersWordsShortenedAndPrintable) {
  TtlvWriter writer;
  writer.begin(0x42007B).begin(0x42007A).begin(0x420069).integer(0x42006A, 1).integer(0x42006B, 2).end();
  writer.integer(0x42000D, 1).end().begin(0x42000F).enumeration(0x42007F, 1).enumeration(0x42007E, 0x64);
  writer.text(0x42007D, "no\x1b[31m\n" + std::string(500, 'x')).end().end();
  const base::Secret message = writer.finish();
  const KmipAnswer answer = parse_kmip_answer(message.view(), {1, 4}, KmipOperation::get);
  EXPECT_EQ(answer.refusal->message, "no?[31m?" + std::string(192, 'x'));
  EXPECT_EQ(reason_text(answer.refusal->reason), "reason 0x64");
  EXPECT_THAT(answer.payload.children, IsEmpty());
}

/// KMIP 1.4, section 4.9 (Locate) and its profiles: a name is an attribute structure in 1.x and an item from 2.0 on.
TEST(KmipMessage, AsksForObjectsByName) {
  const base::Secret old = kmip_locate({1, 4}, "disk");
  const TtlvItem attribute = parse_ttlv(old.view(), "request").at(0x42000F).at(0x420079).at(0x420008);
  EXPECT_EQ(attribute.at(0x42000A).text(), "Name");
  EXPECT_EQ(attribute.at(0x42000B).at(0x420055).text(), "disk");
  const base::Secret current = kmip_locate({2, 0}, "disk");
  const TtlvItem attributes = parse_ttlv(current.view(), "request").at(0x42000F).at(0x420079).at(0x420125);
  EXPECT_EQ(attributes.at(0x420053).at(0x420055).text(), "disk");
}

}  // namespace
}  // namespace kms
