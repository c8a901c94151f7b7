#include "base/utc_time.h"

#include <gtest/gtest.h>

namespace base {
namespace {

// Known answers of GNU date: date -u -d @N +%FT%TZ
TEST(UtcTime, IsWrittenAsRfc3339) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(1'790'000'000), "2026-09-21T14:13:20Z");
  EXPECT_EQ(utc_text(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(utc_text(-86'400), "1969-12-31T00:00:00Z");
  EXPECT_EQ(utc_text(951'868'799), "2000-02-29T23:59:59Z");
  EXPECT_EQ(utc_text(253'402'300'800), "9999-12-31T23:59:59Z");
}

TEST(UtcTime, IsReadAsAPersonWritesIt) {
  EXPECT_EQ(parse_utc("2026-09-21T14:13:20Z"), 1'790'000'000);
  EXPECT_EQ(parse_utc("2026-09-21 16:13:20.75+02:00"), 1'790'000'000);
  EXPECT_EQ(parse_utc("2026-09-21t09:43:20-04:30"), 1'790'000'000);
  EXPECT_EQ(parse_utc("1790000000"), 1'790'000'000);
  EXPECT_EQ(parse_utc("-1"), -1);
}

class NoUtcTime : public testing::TestWithParam<const char*> {};
TEST_P(NoUtcTime, IsRefused) {
  EXPECT_EQ(parse_utc(GetParam()), std::nullopt);
}
INSTANTIATE_TEST_SUITE_P(Table, NoUtcTime,
                         testing::Values("", " ", "now", "2026-09-21", "2026-09-21T14:13:20", "2026-13-01T00:00:00Z",
                                         "2026-02-29T00:00:00Z", "2026-09-21T24:00:00Z", "2026-09-21T14:60:00Z",
                                         "2026-09-21T14:13:60Z", "2026-09-21T14:13:20Zx", "2026-09-21T14:13:20.Z",
                                         "2026-09-21T14:13:20+0200", "2026-09-21T14:13:20+24:00", "17900000001234567",
                                         "1790000000 "));

}  // namespace
}  // namespace base
