#include "base/crc32.h"

#include <gtest/gtest.h>

namespace base {
namespace {

// The check value every catalogue of CRCs gives for CRC-32/ISO-HDLC.
TEST(Crc32, EqualsTheCatalogueOnItsCheckString) {
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xcbf43926U);
}

TEST(Crc32, OfPartsIsThatOfTheWhole) {
  EXPECT_EQ(crc32(bytes_of("56789"), crc32(bytes_of("1234"))), 0xcbf43926U);
  EXPECT_EQ(crc32({}), 0U);
}

}  // namespace
}  // namespace base
