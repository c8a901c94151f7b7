#include "provisioner/status.h"

#include <gmock/gmock.h>

#include "provisioner/json_difference.h"
#include "tests/provisioner/sample_plan.h"

namespace {

using base::Json;
using provisioner::HostState;
using provisioner::ResourceKind;
using testing::ElementsAre;

/// A host that is as the sample plan wants it.
HostState planned_state() {
  HostState now;
  for (const auto& resource : sample::resources()) {
    now[{resource.kind, resource.name}] = {resource.kind, resource.name, resource.digest(), ""};
  }
  return now;
}

TEST(Status, FindsNoDriftOnAHostAsPlanned) {
  const provisioner::Plan plan = sample::plan();
  EXPECT_TRUE(drifts(planned_state(), &plan).empty());
  EXPECT_TRUE(drifts(planned_state(), nullptr).empty());
}

TEST(Status, NamesWhatIsMissingChangedDriftedOrUnknown) {
  const provisioner::Plan plan = sample::plan();
  HostState now = planned_state();
  now.erase({ResourceKind::bridge, "acme-bridge"});
  now.at({ResourceKind::router, "acme-router"}).digest = sample::digest("other");
  now.at({ResourceKind::service, "acme-service"}).drift = "not running";
  now[{ResourceKind::volume, "stray"}] = {ResourceKind::volume, "stray", sample::digest("stray"), ""};
  EXPECT_EQ(provisioner::drift_lines({"acme"}, drifts(now, &plan)),
            "acme: bridge acme-bridge: missing\n"
            "acme: router acme-router: is another one than planned\n"
            "acme: service acme-service: not running\n"
            "acme: volume stray: is not in the plan\n");
}

TEST(Status, SeesDriftFromTheMarkWithoutAPlan) {
  HostState now = planned_state();
  now.at({ResourceKind::domain, "acme-domain"}).drift = "vcpu 2 -> 1";
  EXPECT_EQ(provisioner::drift_lines({"acme"}, drifts(now, nullptr)), "acme: domain acme-domain: vcpu 2 -> 1\n");
}

TEST(JsonDifference, NamesEveryPlaceThatDiffers) {
  const Json got = Json::Object{{"a", 1}, {"list", Json::Array{1, 2}}, {"only", true}};
  const Json wanted = Json::Object{{"a", 2}, {"list", Json::Array{1, 3, 4}}, {"more", "x"}};
  EXPECT_THAT(provisioner::json_differences(got, wanted),
              ElementsAre("a: got 1, wanted 2", "list[1]: got 2, wanted 3", "list[2]: got nothing, wanted 4",
                          "more: got nothing, wanted \"x\"", "only: got true, wanted nothing"));
  EXPECT_TRUE(provisioner::json_differences(got, got).empty());
}

}  // namespace
