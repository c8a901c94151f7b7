#include "kms/ttlv.h"

#include <gmock/gmock.h>

#include <tuple>

#include "base/encoding.h"
#include "base/error.h"

namespace kms {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// The examples of KMIP 1.4, section 9.1.2, which all have the tag 0x420020.
struct Example {
  const char* hex;
  TtlvType type;
};
constexpr Example examples[] = {
    {"42002002000000040000000800000000", TtlvType::integer},
    {"42002003000000080"
     "1b69b4ba5749200",
     TtlvType::long_integer},
    {"42002004000000100000000003fd35eb6bc2df4618080000", TtlvType::big_integer},
    {"4200200500000004000000ff00000000", TtlvType::enumeration},
    {"42002006000000080000000000000001", TtlvType::boolean},
    {"420020070000000b48656c6c6f20576f726c640000000000", TtlvType::text},
    {"42002008000000030102030000000000", TtlvType::bytes},
    {"42002009000000080000000047da67f8", TtlvType::date_time},
    {"4200200a00000004000d2f0000000000", TtlvType::interval},
    {"42002001000000204200040500000004000000fe000000004200050200000004000000ff00000000", TtlvType::structure},
};

base::Buffer bytes_of_hex(std::string_view hex) {
  return *base::from_hex(hex);
}

TEST(Ttlv, ReadsTheExamplesOfTheSpecification) {
  for (const Example& example : examples) {
    const base::Buffer message = bytes_of_hex(example.hex);
    const TtlvItem item = parse_ttlv(message, "example");
    EXPECT_EQ(item.tag, 0x420020U);
    EXPECT_EQ(item.type, example.type) << example.hex;
  }
  const auto read = [](const Example& example, auto member) {
    const base::Buffer message = bytes_of_hex(example.hex);
    return (parse_ttlv(message, "example").*member)();
  };
  EXPECT_EQ(read(examples[0], &TtlvItem::integer), 8);
  EXPECT_EQ(read(examples[3], &TtlvItem::enumeration), 255U);
  EXPECT_EQ(read(examples[5], &TtlvItem::text), "Hello World");
  EXPECT_EQ(read(examples[7], &TtlvItem::date_time), 1205495800);
}

TEST(Ttlv, WritesTheExamplesOfTheSpecification) {
  const base::Buffer three{1, 2, 3};
  const auto hex = [](const TtlvWriter& writer) { return base::hex(writer.finish().view()); };
  EXPECT_EQ(hex(TtlvWriter().integer(0x420020, 8)), examples[0].hex);
  EXPECT_EQ(hex(TtlvWriter().enumeration(0x420020, 255)), examples[3].hex);
  EXPECT_EQ(hex(TtlvWriter().boolean(0x420020, true)), examples[4].hex);
  EXPECT_EQ(hex(TtlvWriter().text(0x420020, "Hello World")), examples[5].hex);
  EXPECT_EQ(hex(TtlvWriter().bytes(0x420020, three)), examples[6].hex);
  EXPECT_EQ(hex(TtlvWriter().date_time(0x420020, 1205495800)), examples[7].hex);
  EXPECT_EQ(hex(TtlvWriter().begin(0x420020).enumeration(0x420004, 254).integer(0x420005, 255).end()), examples[9].hex);
}

TEST(Ttlv, WritesMoreThanItsFirstBuffer) {
  const base::Buffer large(5000, 9);
  const base::Secret message = TtlvWriter().begin(0x420020).bytes(0x420004, large).end().finish();
  EXPECT_EQ(base::buffer_of(parse_ttlv(message.view(), "message").at(0x420004).bytes()), large);
  EXPECT_THROW(std::ignore = TtlvWriter().begin(0x420020).finish(), base::Error);
  EXPECT_THROW(TtlvWriter().end(), base::Error);
}

TEST(Ttlv, RefusesWhatIsMalformed) {
  const auto refusal = [](std::string_view hex, const char* message) {
    const base::Buffer bytes = bytes_of_hex(hex);
    EXPECT_THAT([&] { parse_ttlv(bytes, "message"); }, ThrowsMessage<base::Error>(HasSubstr(message))) << hex;
  };
  refusal("", "message+0x0: needs 3 bytes, 0 left");
  refusal("420020", "needs 1 bytes");
  refusal("42002002000000", "needs 4 bytes");
  refusal(
      "430020020000000400000008"
      "00000000",
      "tag: got 0x430020");
  refusal("42002000000000040000000800000000", "type: got 0");
  refusal("4200200c000000040000000800000000", "type: got 12");
  refusal("42002002000000050000000800000000", "length: got 5, which no value of type 2 has");
  refusal(
      "4200200300000004"
      "0000000000000000",
      "length: got 4");
  refusal("4200200400000000", "length: got 0");
  refusal("42002004000000070000000000000000", "length: got 7");
  refusal("42002001000000040000000000000000", "length: got 4, which no value of type 1 has");
  refusal("42002002000000040000000800000001", "padding: got 0x1, wanted 0");
  refusal("420020020000000400000008000000", "needs 4 bytes, 3 left");
  refusal("42002006000000080000000000000002", "boolean: wanted 0 or 1");
  refusal("4200200800000003010203", "needs 5 bytes, 0 left");
  refusal("42002008ffffffff01020300", "needs 4294967295 bytes");
  refusal("4200200200000004000000080000000000", "1 bytes left over");
  refusal("42002001000000084200040500000004", "message+0x10: needs 4 bytes, 0 left");
}

TEST(Ttlv, RefusesStructuresNestedWithoutEnd) {
  const auto nested = [](unsigned depth) {
    TtlvWriter writer;
    for (unsigned i = 0; i < depth; ++i) writer.begin(0x420020);
    for (unsigned i = 0; i < depth; ++i) writer.end();
    return writer.finish();
  };
  parse_ttlv(nested(16).view(), "message");
  EXPECT_THAT([&] { parse_ttlv(nested(17).view(), "message"); }, ThrowsMessage<base::Error>(HasSubstr("16 deep")));
}

TEST(Ttlv, KnowsAMessagesSizeFromItsHead) {
  const auto size = [](std::string_view hex) { return ttlv_message_size(bytes_of_hex(hex), 0x42007B, 1024); };
  EXPECT_EQ(size("42007b0100000090"), 0x98U);
  for (const char* hex : {"42007801000000ff", "42007b02000000a0", "42007b0100000091", "42007b01000003f9",
                          "42007b01fffffff8", "485454502f312e31", "42007b01"})
    EXPECT_THROW(size(hex), base::Error) << hex;
}

TEST(Ttlv, SaysWhichPartIsMissingOrThereTwice) {
  const base::Secret message = TtlvWriter().begin(0x420020).integer(0x420004, 1).integer(0x420004, 2).end().finish();
  const TtlvItem item = parse_ttlv(message.view(), "message");
  EXPECT_EQ(item.all(0x420004).size(), 2U);
  EXPECT_EQ(item.find(0x420005), nullptr);
  EXPECT_THAT([&] { static_cast<void>(item.at(0x420005)); },
              ThrowsMessage<base::Error>("KMIP tag 0x420020 at +0x0: has no 0x420005"));
  EXPECT_THAT([&] { static_cast<void>(item.at(0x420004)); },
              ThrowsMessage<base::Error>(HasSubstr("has 2 of 0x420004, wanted one")));
  EXPECT_THAT([&] { static_cast<void>(item.children[1].text()); },
              ThrowsMessage<base::Error>("KMIP tag 0x420004 at +0x18: wanted a text"));
}

}  // namespace
}  // namespace kms
