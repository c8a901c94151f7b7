#include "base/cbor.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/error.h"

namespace base {
namespace {

using testing::HasSubstr;

Buffer bytes(const std::string& hexadecimal) {
  return from_hex(hexadecimal).value();
}

struct Example {
  std::string encoded;
  Cbor item;
};

// RFC 8949, appendix A.
const Example examples[] = {
    {"00", 0},
    {"17", 23},
    {"1818", 24},
    {"1903e8", 1000},
    {"1a000f4240", 1000000},
    {"1b000000e8d4a51000", std::int64_t{1000000000000}},
    {"20", -1},
    {"3863", -100},
    {"3903e7", -1000},
    {"f4", false},
    {"f5", true},
    {"f6", Cbor()},
    {"4401020304", Buffer{1, 2, 3, 4}},
    {"6161", "a"},
    {"62c3bc", "\u00fc"},
    {"c11a514b67b0", Cbor::tagged(1, 1363896240)},
    {"d818456449455446", Cbor::tagged(24, Buffer{0x64, 0x49, 0x45, 0x54, 0x46})},
    {"80", Cbor::Array{}},
    {"8301820203820405", Cbor::Array{1, Cbor::Array{2, 3}, Cbor::Array{4, 5}}},
    {"a201020304", Cbor::Map{{1, 2}, {3, 4}}},
    {"a26161016162820203", Cbor::Map{{"a", 1}, {"b", Cbor::Array{2, 3}}}},
    {"826161a161626163", Cbor::Array{"a", Cbor::Map{{"b", "c"}}}},
};

TEST(Cbor, WritesAndReadsTheExamplesOfItsStandard) {
  for (const Example& example : examples) {
    EXPECT_EQ(hex(example.item.encoded()), example.encoded);
    EXPECT_EQ(Cbor::parse(bytes(example.encoded), "example"), example.item) << example.encoded;
  }
}

// RFC 8949, section 4.2.1: "10, 100, -1, "z", "aa", [100], [-1], false".
TEST(Cbor, SortsMapKeysAsTheStandardsExample) {
  const Cbor map = Cbor::Map{
      {false, 1}, {Cbor::Array{-1}, 1}, {Cbor::Array{100}, 1}, {"aa", 1}, {"z", 1}, {-1, 1}, {100, 1}, {10, 1}};
  EXPECT_EQ(hex(map.encoded()),
            "a8"
            "0a01"
            "186401"
            "2001"
            "617a01"
            "62616101"
            "81186401"
            "812001"
            "f401");
}

struct Malformed {
  std::string encoded, why;
};

class MalformedCbor : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedCbor, IsRefusedWithTheOffset) {
  try {
    (void)Cbor::parse(bytes(GetParam().encoded), "document");
    FAIL() << "parsed";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::malformed);
    EXPECT_THAT(error.what(), HasSubstr(GetParam().why));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, MalformedCbor,
    testing::Values(Malformed{"", "document+0x0: needs 1 bytes, 0 left"},
                    Malformed{"18", "document+0x1: needs 1 bytes"}, Malformed{"4401", "needs 4 bytes, 1 left"},
                    Malformed{"8201", "document+0x1: 2 items announced, 1 bytes left"},
                    Malformed{"9affffffff", "4294967295 items announced"},
                    Malformed{"bb7fffffffffffffff", "items announced"}, Malformed{"0000", "1 bytes left over"},
                    Malformed{"1817", "document+0x2: a head of 2 bytes, wanted the shortest"},
                    Malformed{"190018", "wanted the shortest"}, Malformed{"580101", "wanted the shortest"},
                    Malformed{"1b00000000ffffffff", "wanted the shortest"},
                    Malformed{"a201020103", "a key occurs twice"},
                    Malformed{"1bffffffffffffffff", "does not fit 64 bits"}, Malformed{"5f4101ff", "indefinite length"},
                    Malformed{"9f01ff", "indefinite length"}, Malformed{"f97c00", "a float"},
                    Malformed{"f7", "another simple value"}, Malformed{"f818", "another simple value"},
                    Malformed{"1c", "reserved head"}),
    [](const auto& test) { return "Case" + std::to_string(test.index); });

TEST(Cbor, IsNotNestedDeeperThanTheStackBears) {
  std::string deep;
  for (int i = 0; i < 40; ++i) deep += "81";
  EXPECT_THROW((void)Cbor::parse(bytes(deep + "00"), "deep"), Error);
}

TEST(Cbor, NamesTheTypeItWanted) {
  EXPECT_THAT([] { (void)Cbor("a").integer(); },
              testing::ThrowsMessage<Error>(HasSubstr("wanted an integer, got a text")));
  EXPECT_THAT([] { (void)Cbor(Cbor::Map{}).at(3); }, testing::ThrowsMessage<Error>(HasSubstr("missing member 3")));
  EXPECT_EQ(Cbor(1).untagged(1), nullptr);
}

}  // namespace
}  // namespace base
