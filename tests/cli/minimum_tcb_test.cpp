#include <gmock/gmock.h>

#include "base/error.h"
#include "cli/measure.h"

namespace cli {
namespace {

TEST(MinimumTcb, IsThatOfTheOneFamilyTheDocumentNames) {
  tenants::LaunchPolicy policy;
  EXPECT_EQ(minimum_tcb(policy), measurement::TcbLevels{});
  policy.genoa = tenants::MinimumTcb{7, std::nullopt, 14, 72, std::nullopt};
  EXPECT_EQ(minimum_tcb(policy), (measurement::TcbLevels{7, std::nullopt, 14, 72}));
}

TEST(MinimumTcb, IsNotMixedFromSeveralFamilies) {
  tenants::LaunchPolicy policy;
  policy.milan = tenants::MinimumTcb{4, 0, 23, 219, std::nullopt};
  policy.turin = tenants::MinimumTcb{1, 1, 1, 1, 1};
  EXPECT_THAT([&] { (void)minimum_tcb(policy); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("several processor families")));
}

TEST(MinimumTcb, IsNotMixedFromBothPools) {
  tenants::Tenant tenant;
  tenant.launch_policy.milan = tenants::MinimumTcb{4, 0, 23, 219, std::nullopt};
  EXPECT_EQ(minimum_tcb(tenant), (measurement::TcbLevels{4, 0, 23, 219}));
  tenant.pools.control.hardware.milan = tenants::MinimumTcb{4, 0, 24, 219, std::nullopt};
  EXPECT_THAT([&] { (void)minimum_tcb(tenant); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("differs between the pools")));
}

}  // namespace
}  // namespace cli
