#include "attestation/pck_extension.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "tests/attestation/intel_platform.h"

namespace attestation {
namespace {

using namespace intel_platform;
using testing::HasSubstr;

TEST(PckExtension, SaysWhatAnotherReaderFindsInARealCertificate) {
  const base::Json known =
      base::Json::parse(base::read_file(BULKHEAD_TEST_DATA "/attestation/pck_extension.json"), "known answers");
  const PckExtension found = parse_pck_extension(*base::from_hex(known.at("der").text()));
  EXPECT_EQ(base::hex(found.ppid), known.at("ppid").text());
  EXPECT_EQ(base::hex(found.cpu_svn), known.at("cpuSvn").text());
  EXPECT_EQ(base::hex(found.component_svns), known.at("cpuSvn").text());  // the same numbers on this platform
  EXPECT_EQ(found.pce_svn, known.at("pceSvn").integer());
  EXPECT_EQ(base::hex(found.pce_id), known.at("pceId").text());
  EXPECT_EQ(base::hex(found.fmspc), known.at("fmspc").text());
  EXPECT_EQ(static_cast<int>(found.type), known.at("sgxType").integer());
  ASSERT_TRUE(found.platform_instance_id && found.configuration);
  EXPECT_EQ(base::hex(*found.platform_instance_id), known.at("platformInstanceId").text());
  EXPECT_EQ(found.configuration->dynamic_platform, true);
  EXPECT_EQ(found.configuration->cached_keys, false);
  EXPECT_EQ(found.configuration->smt_enabled, false);
}

TEST(PckExtension, OfAProcessorHasNoPlatformMembers) {
  const base::Buffer five = joined({member({1}, octets(16, 1)), Extension{}.tcb(), member({3}, octets(2, 0)),
                                    member({4}, octets(6, 4)), member({5}, integer(0, 0x0A))});
  const PckExtension found = parse_pck_extension(der(0x30, five));
  EXPECT_EQ(found.type, PckExtension::Type::standard);
  EXPECT_FALSE(found.platform_instance_id || found.configuration);
}

struct Malformed {
  std::string name;
  base::Buffer members;
  std::string message;
};

base::Buffer tcb_of(const base::Buffer& list) {
  return member({2}, der(0x30, list));
}

TEST(PckExtension, RefusesMembersThatAreMissingUnknownRepeatedOrOfAnotherShape) {
  const base::Buffer ppid = member({1}, octets(16, 1)), tcb = Extension{}.tcb(), pce = member({3}, octets(2, 0)),
                     fmspc = member({4}, octets(6, 4)), type = member({5}, integer(0, 0x0A));
  const Malformed cases[] = {
      {"nothing", {}, "no member 1.2.840.113741.1.13.1.1"},
      {"no FMSPC", joined({ppid, tcb, pce, type}), "no member 1.2.840.113741.1.13.1.4"},
      {"PPID twice", joined({ppid, ppid, tcb, pce, fmspc, type}), "a second time"},
      {"unknown member", joined({ppid, tcb, pce, fmspc, type, member({9}, octets(1, 0))}), "unknown member"},
      {"foreign member", joined({ppid, der(0x30, joined({der(0x06, {0x2a, 0x03}), octets(1, 0)}))}), "member 1.2.3"},
      {"member without a number", joined({ppid, member({}, octets(1, 0))}), "wanted one of"},
      {"deeper member", joined({ppid, member({1, 1}, octets(16, 0))}), "wanted one of"},
      {"PPID of 15 bytes", joined({member({1}, octets(15, 1)), tcb, pce, fmspc, type}), "15 bytes, wanted 16"},
      {"FMSPC that is a number", joined({ppid, tcb, pce, member({4}, integer(6)), type}), "tag 0x2, wanted 0x4"},
      {"type 3", joined({ppid, tcb, pce, fmspc, member({5}, integer(3, 0x0A))}), "above 2"},
      {"something after a value", joined({member({1}, joined({octets(16, 1), octets(1, 1)}))}), "left over"},
      {"component of 256", joined({ppid, tcb_of(member({2, 1}, integer(256)))}), "above 255"},
      {"negative component", joined({ppid, tcb_of(member({2, 1}, der(0x02, {0xFF})))}), "negative"},
      {"TCB of one component", joined({ppid, tcb_of(member({2, 1}, integer(1)))}),
       "no member 1.2.840.113741.1.13.1.2.2"},
      {"TCB member 19", joined({ppid, tcb_of(member({2, 19}, integer(1)))}), "wanted one of"},
      {"BOOLEAN of 1", joined({ppid, member({7}, der(0x30, member({7, 1}, der(0x01, {0x01}))))}), "BOOLEAN"},
      {"configuration member 4", joined({ppid, member({7}, der(0x30, member({7, 4}, der(0x01, {0}))))}), "unknown"},
  };
  for (const Malformed& bad : cases) {
    SCOPED_TRACE(bad.name);
    EXPECT_THAT([&] { parse_pck_extension(der(0x30, bad.members)); },
                testing::ThrowsMessage<base::Error>(HasSubstr(bad.message)));
  }
  base::Buffer more = Extension{}.value();
  more.push_back(0);
  EXPECT_THROW(parse_pck_extension(more), base::Error);
}

TEST(PckExtension, RefusesEveryTruncation) {
  const base::Buffer whole = Extension{}.value();
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(parse_pck_extension(base::Bytes(whole).first(size)), base::Error) << size;
}

}  // namespace
}  // namespace attestation
