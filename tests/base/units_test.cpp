#include "base/units.h"

#include <gmock/gmock.h>

namespace base {
namespace {

TEST(Size, IsANumberAndABinaryUnit) {
  EXPECT_EQ(parse_size("512MiB"), MiB{512});
  EXPECT_EQ(parse_size("8GiB"), MiB{8192});
  EXPECT_EQ(parse_size("1TiB"), MiB{1048576});
  EXPECT_EQ(parse_size("0MiB"), MiB{0});
}

TEST(Size, IsNothingElse) {
  for (const char* text :
       {"", "MiB", "8", "8G", "8GB", "08GiB", "-1GiB", "+1GiB", "1.5GiB", " 1GiB", "1GiB ", "100000000MiB"})
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
}

}  // namespace
}  // namespace base
