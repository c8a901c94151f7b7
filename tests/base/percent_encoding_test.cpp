#include "base/percent_encoding.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(PercentEncoding, DecodesEscapesAndLeavesEverythingElse) {
  EXPECT_EQ(percent_decoded("-----BEGIN%20CERTIFICATE-----%0AMII%2B%2f"), "-----BEGIN CERTIFICATE-----\nMII+/");
  for (const char* same : {"", "a+b", "%", "%4", "100%", "%zz", "%4g"}) EXPECT_EQ(percent_decoded(same), same);
}

}  // namespace
}  // namespace base
