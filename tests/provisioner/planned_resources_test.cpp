#include "provisioner/planned_resources.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "provisioner/resources.h"
#include "tests/provisioner/sample_plan.h"

namespace {

using base::Json;
using provisioner::Plan;
using provisioner::PlannedResource;
using provisioner::ResourceKind;
using testing::AllOf;
using testing::HasSubstr;

Plan plan_of_intent() {
  using provisioner::FileRole;
  provisioner::HostFacts facts;
  facts.store = "/store";
  facts.user_id = 61001;
  facts.supervision = "child";
  for (const FileRole role : {FileRole::firmware, FileRole::kernel, FileRole::initrd, FileRole::root})
    facts.sources[role] = "/image/somewhere";
  return make_plan(sample::intent(), {"local", "qemu:///system", "/store"}, resources_of(sample::intent(), facts), {});
}

Json& body_of(Plan& plan, ResourceKind kind, const std::string& name) {
  for (PlannedResource& planned : plan.resources) {
    if (planned.resource.kind == kind && planned.resource.name.find(name) != std::string::npos)
      return planned.resource.body;
  }
  throw std::out_of_range(name);
}

std::string refusal(const Plan& plan) {
  try {
    refuse_resources_beside_intent(plan);
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::failure);
    return error.what();
  }
  return "";
}

TEST(PlannedResources, AreAcceptedWhenTheyFollowFromTheIntent) {
  EXPECT_EQ(refusal(plan_of_intent()), "");
}

TEST(PlannedResources, AreRefusedWithAnotherCommandLineThanTheIntents) {
  Plan plan = plan_of_intent();
  Json& body = body_of(plan, ResourceKind::domain, "worker-0");
  std::string xml = body.at("xml").text();
  xml.replace(xml.find("console=ttyS0"), 13, "console=ttyS1");
  body["xml"] = xml;
  EXPECT_THAT(refusal(plan), AllOf(HasSubstr("domain 'bh-acme-worker-0': xml: got ..."), HasSubstr("console=ttyS1"),
                                   HasSubstr("wanted ..."), HasSubstr("console=ttyS0")));
}

TEST(PlannedResources, AreRefusedWithOtherInitdataThanTheIntents) {
  Plan plan = plan_of_intent();
  body_of(plan, ResourceKind::volume, "worker-0-config")["initdata"] = "version = \"0.1.0\"\n# worker/1\n";
  EXPECT_THAT(refusal(plan), HasSubstr("initdata: got \"version = \\\"0.1.0\\\"\\n# worker/1\\n\", wanted"));
}

TEST(PlannedResources, AreRefusedWithAnotherFilterThanTheFlowsMake) {
  Plan plan = plan_of_intent();
  body_of(plan, ResourceKind::router_filter, "bh-acme")["ruleset"] = "table inet bulkhead {\n}\n";
  EXPECT_THAT(refusal(plan), HasSubstr("routerFilter 'bh-acme': ruleset: got"));
}

TEST(PlannedResources, AreRefusedWhenOneIsMissingOrAdded) {
  Plan plan = plan_of_intent();
  const std::string filter = plan.resources.front().resource.name;
  plan.resources.front().resource.name = "another";
  EXPECT_THAT(refusal(plan), AllOf(HasSubstr("hostFilter '" + filter + "': is not in the plan"),
                                   HasSubstr("hostFilter 'another': does not follow from the intent")));
}

}  // namespace
