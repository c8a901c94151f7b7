#include "base/byte_reader.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace base {
namespace {

struct Section {
  le32 gpa;
  le16 kind;
};

TEST(ByteReader, TakesIntegersAndLayoutsInOrder) {
  const Buffer raw = {0x78, 0x56, 0x34, 0x12, 0xcd, 0xab, 0x01, 0x02, 0x03, 0x04};
  ByteReader reader("table", raw);
  const auto section = reader.take<Section>();
  EXPECT_EQ(section.gpa.value(), 0x12345678U);
  EXPECT_EQ(section.kind.value(), 0xabcdU);
  EXPECT_EQ(reader.take<std::uint16_t>(), 0x0201U);
  EXPECT_EQ(reader.take_big_endian<std::uint16_t>(), 0x0304U);
  EXPECT_NO_THROW(reader.expect_end());
}

TEST(ByteReader, SaysWhereHowManyBytesWereMissing) {
  ByteReader reader("SEV metadata", Buffer{1, 2, 3}, 0x100);
  reader.skip(1);
  try {
    reader.take<std::uint32_t>();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "SEV metadata+0x101: needs 4 bytes, 2 left");
    EXPECT_EQ(error.kind(), Kind::malformed);
  }
  try {
    reader.expect_end();
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "SEV metadata+0x101: 2 bytes left over, wanted the end");
  }
}

}  // namespace
}  // namespace base
