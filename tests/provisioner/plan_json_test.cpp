#include <gmock/gmock.h>

#include "base/error.h"
#include "provisioner/plan.h"
#include "tests/provisioner/sample_plan.h"

namespace {

using base::Json;
using provisioner::Action;
using provisioner::Plan;
using provisioner::ResourceKind;
using testing::HasSubstr;

TEST(PlanJson, IsReadBackAsItWasWritten) {
  const Plan plan = sample::plan(
      {{{ResourceKind::bridge, "acme-bridge"}, {ResourceKind::bridge, "acme-bridge", sample::digest("x"), ""}},
       {{ResourceKind::volume, "old"}, {ResourceKind::volume, "old", sample::digest("y"), ""}}});
  EXPECT_EQ(plan_text(provisioner::parse_plan(plan_text(plan), "plan")), plan_text(plan));
}

TEST(PlanJson, KeepsWhatIsKnownOfTheHypervisor) {
  provisioner::Intent intent = sample::intent();
  intent.tee = base::Tee::tdx;
  for (auto& guest : intent.guests) {
    guest.launch->tee = intent.tee;
    guest.launch->hypervisor = {10, 2};
    guest.launch->tdx_page_order = measurement::PageOrder::two_pass;
    guest.launch->processor_id = measurement::processor_id("f2060c00fffba91f");
    guest.launch->vmm = "qemu-legacy";
  }
  EXPECT_EQ(provisioner::parse_intent(intent_json(intent), "plan"), intent);
}

TEST(PlanJson, SaysWhatWouldHappenToEachResource) {
  const auto resources = sample::resources();
  const Plan plan = sample::plan(
      {{{ResourceKind::host_filter, "acme-hostFilter"},
        {ResourceKind::host_filter, "acme-hostFilter", resources[0].digest(), ""}},
       {{ResourceKind::port_filter, "acme-portFilter"},
        {ResourceKind::port_filter, "acme-portFilter", resources[1].digest(), ""}},
       {{ResourceKind::bridge, "acme-bridge"}, {ResourceKind::bridge, "acme-bridge", resources[2].digest(), "is down"}},
       {{ResourceKind::router, "acme-router"}, {ResourceKind::router, "acme-router", sample::digest("x"), ""}}});
  EXPECT_EQ(plan.resources[0].action, Action::keep);
  EXPECT_EQ(plan.resources[1].action, Action::keep);
  EXPECT_EQ(plan.resources[2].action, Action::replace);
  EXPECT_EQ(plan.resources[3].action, Action::replace);
  EXPECT_EQ(plan.resources[4].action, Action::create);
  EXPECT_TRUE(plan.pending());
}

TEST(PlanJson, HasNothingPendingWhenTheHostIsAsPlanned) {
  provisioner::HostState now;
  for (const auto& resource : sample::resources()) {
    now[{resource.kind, resource.name}] = {resource.kind, resource.name, resource.digest(), ""};
  }
  EXPECT_FALSE(sample::plan(now).pending());
}

TEST(PlanJson, NeverCallsAThingUnwantedBeforeTheImageIsBuilt) {
  provisioner::Intent intent = sample::intent();
  intent.files[1].sha256.reset();
  const Plan plan = make_plan(
      intent, {"local", "qemu:///system", "/store"}, {},
      {{{ResourceKind::domain, "acme-domain"}, {ResourceKind::domain, "acme-domain", sample::digest("x"), ""}}});
  EXPECT_TRUE(plan.removals.empty());
}

/// One way to spoil a plan, and words of the message that names it.
struct Spoiled {
  const char* name;
  void (*spoil)(Json& plan);
  const char* message;
};

Json& first(Json& list) {
  return list.array().front();
}

const Spoiled spoiled[] = {
    {"OtherSchema", [](Json& p) { p["schema"] = "bulkhead.plan/v2"; },
     "plan.schema: got 'bulkhead.plan/v2', wanted 'bulkhead.plan/v1'"},
    {"NoTenant", [](Json& p) { p.object().erase("tenant"); }, "plan: missing member 'tenant'"},
    {"UnknownMember", [](Json& p) { p["extra"] = 1; }, "plan: unknown member 'extra'"},
    {"OtherTenant", [](Json& p) { p["tenant"] = "globex"; }, "plan.tenant: got 'globex', wanted 'acme'"},
    {"OtherTee", [](Json& p) { p["tee"] = "snp"; }, "plan.tee: got 'snp', wanted 'emulated'"},
    {"FalselyUnresolved", [](Json& p) { p["resolved"] = false; }, "plan.resolved: the intent is resolved"},
    {"ChangedIntent", [](Json& p) { p["intent"]["service"]["port"] = 22; },
     "plan.intentDigest: the intent's digest is"},
    {"PortOutOfRange", [](Json& p) { p["intent"]["service"]["port"] = 65536; },
     "plan: intent.service.port: got 65536, wanted 1 to 65535"},
    {"ChangedInitdata", [](Json& p) { first(p["intent"]["guests"])["initdata"] = "x"; },
     "plan: intent.guests[0].initdataSha256: the initdata's digest is"},
    {"UnknownPool", [](Json& p) { first(p["intent"]["guests"])["pool"] = "gpu"; },
     "got 'gpu', wanted control or worker"},
    {"NegativeMemory", [](Json& p) { first(p["intent"]["guests"])["launch"]["memoryMiB"] = -1; },
     "launch.memoryMiB: got -1"},
    {"PolicyNotHex", [](Json& p) { first(p["intent"]["guests"])["launch"]["snpPolicy"] = "196608"; },
     "launch.snpPolicy: wanted 0x"},
    {"UnknownVmm", [](Json& p) { first(p["intent"]["guests"])["launch"]["hypervisor"]["vmm"] = "bhyve"; },
     "launch.hypervisor.vmm: got 'bhyve'"},
    {"LongVersion", [](Json& p) { first(p["intent"]["guests"])["launch"]["hypervisor"]["version"] = "10.2.1"; },
     "launch.hypervisor.version: got '10.2.1', wanted one such as 10.2"},
    {"UnknownPageOrder", [](Json& p) { first(p["intent"]["guests"])["launch"]["hypervisor"]["pageOrder"] = "any"; },
     "launch.hypervisor.pageOrder: got 'any', wanted single-pass or two-pass"},
    {"ShortProcessorId", [](Json& p) { first(p["intent"]["guests"])["launch"]["hypervisor"]["processorId"] = "f2"; },
     "launch.hypervisor.processorId: wanted 16 lower-case hexadecimal digits, got 'f2'"},
    {"KeyForAnotherGuest", [](Json& p) { p["keys"]["worker/0/data"]["guest"] = 1; },
     "plan.keys: they are not those of the intent"},
    {"NoKeys", [](Json& p) { p["keys"] = Json::Object(); }, "plan.keys: they are not those of the intent"},
    {"VolumeThatNoGuestHas", [](Json& p) { first(p["intent"]["guests"])["volumes"] = Json::Array(); }, "intentDigest"},
    {"FlowPortZero", [](Json& p) { first(p["intent"]["flows"])["tcp"] = Json::Array{0}; },
     "flows[0].tcp[0]: wanted a port"},
    {"UnknownRole", [](Json& p) { first(p["intent"]["files"])["role"] = "dtb"; }, "intent.files[0].role: got 'dtb'"},
    {"UpperCaseDigest", [](Json& p) { first(p["intent"]["files"])["sha256"] = std::string(64, 'A'); },
     "files[0].sha256: wanted 64 lower-case"},
    {"GuestsNoList", [](Json& p) { p["intent"]["guests"] = "none"; }, "intent.guests: wanted a list, got a text"},
    {"ChangedBody", [](Json& p) { first(p["resources"])["body"]["of"] = "globex"; },
     "plan.resources[0].digest: the body's digest is"},
    {"UnknownKind", [](Json& p) { first(p["resources"])["kind"] = "pod"; }, "plan.resources[0].kind: got 'pod'"},
    {"EmptyName", [](Json& p) { first(p["resources"])["name"] = ""; }, "plan.resources[0].name: is empty"},
    {"FalseAction", [](Json& p) { first(p["resources"])["action"] = "keep"; },
     "plan.resources[0].action: got 'keep', wanted 'create'"},
    {"BodyNoObject", [](Json& p) { first(p["resources"])["body"] = 7; }, "plan.resources[0].body: wanted an object"},
    {"ListedTwice", [](Json& p) { p["resources"].push_back(p["resources"].array().back()); },
     "domain 'acme-domain' is listed twice"},
    {"OutOfOrder", [](Json& p) { std::swap(p["resources"].array()[0], p["resources"].array()[1]); },
     "plan.resources[1]: is out of the order of making"},
    {"RemovedAndWanted",
     [](Json& p) {
       p["removals"].push_back(
           Json::Object{{"kind", "domain"}, {"name", "acme-domain"}, {"before", std::string(64, '0')}});
     },
     "plan.removals[0]: domain 'acme-domain' is listed twice"},
    {"ActionNoText", [](Json& p) { p["ownerActions"] = Json::Array{1}; },
     "plan.ownerActions[0]: wanted a text, got a number"},
};

class SpoiledPlan : public testing::TestWithParam<Spoiled> {};

TEST_P(SpoiledPlan, IsRefusedNamingThePlace) {
  Json json = Json::parse(plan_text(sample::plan()), "plan");
  GetParam().spoil(json);
  try {
    provisioner::parse_plan(json.pretty(), "plan");
    FAIL() << "nothing was thrown";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::malformed);
    EXPECT_THAT(error.what(), HasSubstr(GetParam().message));
  }
}

INSTANTIATE_TEST_SUITE_P(Each, SpoiledPlan, testing::ValuesIn(spoiled), [](const auto& row) { return row.param.name; });

TEST(ReadablePlan, ShowsOwnersAndOperatorsActsApart) {
  const std::string text = readable(sample::plan(), provisioner::Colour::off);
  EXPECT_THAT(text, HasSubstr("tenant acme (emulated) on host local (qemu:///system)"));
  EXPECT_THAT(text, HasSubstr("  + bridge       acme-bridge"));
  EXPECT_THAT(text, HasSubstr("with the approval key of security, compliance"));
  EXPECT_THAT(text, HasSubstr("12 to create, 0 to replace, 0 to remove"));
  EXPECT_THAT(text, HasSubstr(", PCR 9 f5a5fd42d16a\n"));
  EXPECT_THAT(text, testing::ContainsRegex("worker/0/data +for worker/0 +measured [0-9a-f]{12}\n"));
  EXPECT_THAT(text, testing::ContainsRegex("bootstrap/control/0 +for control/0 +measured [0-9a-f]{12}\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("\x1b[")));
}

TEST(PlanJson, SaysWhoIsGivenWhichKeyAndHoldsNone) {
  const Json plan = Json::parse(plan_text(sample::plan()), "plan");
  std::vector<std::string> names;
  for (const auto& [name, policy] : plan.at("keys").object()) names.push_back(name);
  EXPECT_THAT(names,
              testing::ElementsAre("bootstrap/control/0", "bootstrap/worker/0", "control/0/data", "worker/0/data"));
  const Json& policy = plan.at("keys").at("worker/0/data");
  EXPECT_EQ(policy.at("tenant").text(), "acme");
  EXPECT_EQ(policy.at("pool").text(), "worker");
  EXPECT_EQ(policy.at("guest").integer(), 0);
  EXPECT_EQ(policy.at("measurements").array().at(0).text(),
            base::sha256(base::bytes_of(std::string("sha256 PCR 9 ") + sample::pcr9 + "\n")).hex());
}

TEST(ReadablePlan, SaysAfterBuildForWhatIsNotBuilt) {
  provisioner::Intent intent = sample::intent();
  intent.files[1].sha256.reset();
  intent.guests[0].launch.reset();
  const std::string text =
      readable(make_plan(intent, {"local", "qemu:///system", "/store"}, {}, {}), provisioner::Colour::off);
  EXPECT_THAT(text, HasSubstr("kernel      (after build)"));
  EXPECT_THAT(text, HasSubstr("not resolved"));
}

TEST(SiteIndex, ListsPlansByTenantAndDigest) {
  const std::string text = provisioner::site_index_text(
      {{"globex", "g.json", sample::digest("g")}, {"acme", "a.json", sample::digest("a")}});
  const Json json = Json::parse(text, "index");
  EXPECT_EQ(json.at("schema").text(), "bulkhead.site-index/v1");
  EXPECT_EQ(json.at("plans").array()[0].at("tenant").text(), "acme");
  EXPECT_EQ(json.at("plans").array()[1].at("sha256").text(), sample::digest("g").hex());
}

}  // namespace
