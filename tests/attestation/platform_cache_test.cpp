#include "attestation/platform_cache.h"

#include <gtest/gtest.h>

#include "tests/attestation/intel_platform.h"

namespace {

using namespace attestation;
using intel_platform::Platform;
using intel_platform::Scenario;

TEST(PlatformCache, JudgesAPlatformOnceUntilSomethingOfItBeginsOrEnds) {
  Scenario scenario;
  const Platform platform(scenario);
  const auto quote = measurement::parse_td_quote(platform.quote_bytes());
  const TdxCollateral collateral = platform.collateral();
  TdxRequest request = platform.request();
  PlatformCache cache;
  const auto first = cache.judged(quote, collateral, request);
  EXPECT_TRUE(verify_tdx(quote, *first).genuine);
  EXPECT_EQ(cache.judged(quote, collateral, request), first);
  request.time = scenario.lists_until - 1;
  EXPECT_EQ(cache.judged(quote, collateral, request), first);
  request.time = scenario.lists_until;
  const auto last = cache.judged(quote, collateral, request);
  EXPECT_NE(last, first) << "at the last moment it is judged each time";
  EXPECT_TRUE(verify_tdx(quote, *last).genuine);
  request.time = scenario.lists_until + 1;
  EXPECT_FALSE(verify_tdx(quote, *cache.judged(quote, collateral, request)).genuine);
  request.time = intel_platform::now - 400 * intel_platform::day;
  EXPECT_FALSE(verify_tdx(quote, *cache.judged(quote, collateral, request)).genuine) << "a clock that went back";
}

TEST(PlatformCache, KeepsOnlyWhatIsWithoutFaultAndForgets) {
  Scenario scenario;
  scenario.lists = false;
  const Platform faulty(scenario);
  PlatformCache cache;
  (void)cache.judged(measurement::parse_td_quote(faulty.quote_bytes()), faulty.collateral(), faulty.request());
  EXPECT_EQ(cache.size(), 0U);
  const Platform good(Scenario{});
  (void)cache.judged(measurement::parse_td_quote(good.quote_bytes()), good.collateral(), good.request());
  EXPECT_EQ(cache.size(), 1U);
  cache.forget();
  EXPECT_EQ(cache.size(), 0U);
}

TEST(PlatformCache, AsksAnewForAQuoteThatOnlyNamesItsKey) {
  Scenario scenario;
  scenario.certification_type = 1;
  const Platform platform(scenario);
  PlatformCache cache;
  (void)cache.judged(measurement::parse_td_quote(platform.quote_bytes()), platform.collateral(), platform.request());
  EXPECT_EQ(cache.size(), 0U);
}

}  // namespace
