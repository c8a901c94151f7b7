#include "base/der_reader.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/error.h"

namespace base {
namespace {

Buffer bytes(std::string_view digits) {
  return *from_hex(digits);
}

// Encodings from X.690 and RFC 5280's examples of object identifiers.
TEST(DerReader, ReadsEachTypeInOrder) {
  // number 255, TRUE, 01 02 03, 1.2.3, ENUMERATED 2
  const Buffer input = bytes("3013020200ff0101ff040301020306022a030a0102");
  DerReader whole("example", input);
  DerReader list = whole.sequence();
  whole.expect_end();
  EXPECT_EQ(list.number(255), 255U);
  EXPECT_TRUE(list.boolean());
  EXPECT_EQ(list.octets<3>(), (std::array<std::uint8_t, 3>{1, 2, 3}));
  EXPECT_EQ(list.object_identifier(), "1.2.3");
  EXPECT_EQ(list.number(2, DerTag::enumerated), 2U);
  EXPECT_TRUE(list.done());
}

TEST(DerReader, ReadsObjectIdentifiersAsOthersWriteThem) {
  const std::pair<const char*, const char*> cases[] = {{"06092a864886f70d010101", "1.2.840.113549.1.1.1"},
                                                       {"06082a8648ce3d030107", "1.2.840.10045.3.1.7"},
                                                       {"0603551d0e", "2.5.29.14"},
                                                       {"0603883703", "2.999.3"},
                                                       {"060a2a864886f84d010d0104", "1.2.840.113741.1.13.1.4"}};
  for (const auto& [encoded, text] : cases) {
    const Buffer input = bytes(encoded);
    EXPECT_EQ(DerReader("identifier", input).object_identifier(), text);
  }
}

struct Malformed {
  const char *encoded, *message;
};

TEST(DerReader, RefusesWhatIsNotTheOneEncoding) {
  const auto read = [](DerReader reader, DerTag tag) {
    if (tag == DerTag::object_identifier) return void(reader.object_identifier());
    if (tag == DerTag::boolean) return void(reader.boolean());
    if (tag == DerTag::integer) return void(reader.number(0xFFFF));
    reader.take(tag);
  };
  const Malformed cases[] = {{"", "needs 1 bytes"},
                             {"02", "needs 1 bytes"},
                             {"0200", "no bytes"},
                             {"0202ff01", "negative"},
                             {"02020001", "leading zero"},
                             {"0203010000", "above 65535"},
                             {"0281020102", "shortest form"},
                             {"02820001", "leading zero"},
                             {"0280", "form 0x80"},
                             {"0285000000000101", "form 0x85"},
                             {"0203ffff", "needs 3 bytes"},
                             {"010101", "BOOLEAN"},
                             {"01020000", "BOOLEAN"},
                             {"0600", "ends early"},
                             {"06022a83", "ends early"},
                             {"06032a8001", "leading zero"},
                             {"06072affffffffff7f", "above 2^32"}};
  for (const Malformed& bad : cases) {
    SCOPED_TRACE(bad.encoded);
    const Buffer input = bytes(bad.encoded);
    const auto tag = static_cast<DerTag>(input.empty() ? 2 : input.front());
    EXPECT_THAT([&] { read(DerReader("it", input), tag); },
                testing::ThrowsMessage<Error>(testing::HasSubstr(bad.message)));
  }
  const Buffer text = bytes("0400");
  EXPECT_THAT([&] { DerReader("it", text).number(1); },
              testing::ThrowsMessage<Error>(testing::HasSubstr("tag 0x4, wanted 0x2")));
}

}  // namespace
}  // namespace base
