#include "base/encoding.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace base {
namespace {

// RFC 4648 section 10.
struct Rfc4648 {
  std::string plain, encoded;
};
class Base64 : public testing::TestWithParam<Rfc4648> {};

TEST_P(Base64, AgreesWithRfc4648BothWays) {
  EXPECT_EQ(base64(bytes_of(GetParam().plain)), GetParam().encoded);
  EXPECT_EQ(text_of(from_base64(GetParam().encoded).value()), GetParam().plain);
}

INSTANTIATE_TEST_SUITE_P(Section10, Base64,
                         testing::Values(Rfc4648{"", ""}, Rfc4648{"f", "Zg=="}, Rfc4648{"fo", "Zm8="},
                                         Rfc4648{"foo", "Zm9v"}, Rfc4648{"foob", "Zm9vYg=="},
                                         Rfc4648{"fooba", "Zm9vYmE="}, Rfc4648{"foobar", "Zm9vYmFy"}));

class NotBase64 : public testing::TestWithParam<std::string> {};

TEST_P(NotBase64, IsRefused) {
  EXPECT_EQ(from_base64(GetParam()), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Malformed, NotBase64,
                         testing::Values("Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zm 9", "Zm9v\n",
                                         "Zm-v"));

TEST(Utf16, IsReadAsUtf8) {
  EXPECT_EQ(from_utf16le(utf16le("console=ttyS0")), "console=ttyS0");
  EXPECT_EQ(from_utf16le(Buffer{0xe9, 0, 0xac, 0x20, 0x3d, 0xd8, 0x00, 0xde}), "\u00e9\u20ac\U0001f600");
  EXPECT_EQ(from_utf16le(Buffer{0x3d, 0xd8, 'a', 0, 0x00, 0xde, 'b'}), "\ufffda\ufffd\ufffd");
}

TEST(Base64Url, HasNoPaddingAndItsOwnAlphabet) {
  const Buffer raw = {0xfb, 0xff, 0xfe};
  EXPECT_EQ(base64url(raw), "-__-");
  EXPECT_EQ(from_base64url("-__-"), raw);
  EXPECT_EQ(from_base64url("+//+"), std::nullopt);
  EXPECT_EQ(from_base64url("Zg=="), std::nullopt);
}

TEST(Hex, ReadsBothCasesAndRefusesTheRest) {
  EXPECT_EQ(from_hex("00Ffa5"), (Buffer{0x00, 0xff, 0xa5}));
  EXPECT_EQ(hex(Buffer{0x00, 0xff, 0xa5}), "00ffa5");
  EXPECT_EQ(from_hex("0"), std::nullopt);
  EXPECT_EQ(from_hex("0g"), std::nullopt);
  EXPECT_EQ(hex_number(0), "0x0");
  EXPECT_EQ(hex_number(0xfffffffff000), "0xfffffffff000");
}

// The OVMF footer's GUID as it stands in real firmware (edk2 OvmfPkg/ResetVector).
TEST(Guid, IsStoredAsEfiStoresIt) {
  const auto raw = guid_bytes("96b582de-1fb2-45f7-baea-a366c55a082d");
  EXPECT_EQ(hex(raw), "de82b596b21ff745baeaa366c55a082d");
  EXPECT_EQ(guid_text(raw), "96b582de-1fb2-45f7-baea-a366c55a082d");
  EXPECT_THROW(guid_bytes("96b582de1fb245f7baeaa366c55a082d"), Error);
  EXPECT_THROW(guid_bytes("96b582de-1fb2-45f7-baea-a366c55a082"), Error);
}

TEST(Xml, EscapesWhatWouldEndTextOrAttribute) {
  EXPECT_EQ(xml_escaped("a<b>&'\""), "a&lt;b&gt;&amp;&apos;&quot;");
}

}  // namespace
}  // namespace base
