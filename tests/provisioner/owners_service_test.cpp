#include <gmock/gmock.h>

#include "base/initdata.h"
#include "provisioner/domain_xml.h"
#include "provisioner/plan.h"
#include "provisioner/tenant_intent.h"
#include "tests/provisioner/sample_tenant.h"

namespace {

using base::Pool;
using provisioner::GuestIntent;
using provisioner::Intent;
using testing::HasSubstr;
using testing::Not;

/// A tenant whose owner runs its attestation service at an address outside.
class IntentWithServiceOfItsOwner : public testing::Test {
 protected:
  IntentWithServiceOfItsOwner() {
    tenants::AttestationService& service = *tenant.owners[0].attestation;
    service.placement.value = tenants::Placement::owner;
    service.url.value = {"https://198.51.100.9:8443", "https", "198.51.100.9", 8443,
                         tenants::Ipv4::parse("198.51.100.9")};
    tenants::Uplink uplink;
    uplink.name.emplace().value = "lan";
    uplink.address.emplace().value = sample::cidr("192.0.2.20/24");
    tenant.networks[1].uplink = uplink;
    host.uplinks.push_back({});
    host.uplinks[0].name.value = "lan";
    host.uplinks[0].bridge.value = "br0";
  }
  [[nodiscard]] std::vector<provisioner::Resource> resources() const {
    Intent intent = make_intent(tenant, host, sample::sources());
    provisioner::measure(intent, [](const GuestIntent&) { return base::Json(base::Json::Object{}); });
    return resources_of(intent, sample::host_facts());
  }
  [[nodiscard]] base::Json body(provisioner::ResourceKind kind) const {
    for (const auto& resource : resources()) {
      if (resource.kind == kind) return resource.body;
    }
    return {};
  }
  tenants::Tenant tenant = sample::tenant();
  tenants::SiteHost host = sample::site_host();
};

TEST_F(IntentWithServiceOfItsOwner, SaysWhereItIsAndIsReadBack) {
  const Intent intent = make_intent(tenant, host, sample::sources());
  EXPECT_EQ(intent.service.placement, "owner");
  EXPECT_EQ(base::parse_initdata(intent.guests[0].initdata).attestation.url.text(), "https://198.51.100.9:8443");
  EXPECT_EQ(provisioner::parse_intent(intent_json(intent), "plan"), intent);
}

TEST_F(IntentWithServiceOfItsOwner, PutsNeitherServiceNorApprovalOnTheHost) {
  for (const auto& resource : resources()) {
    EXPECT_NE(resource.kind, provisioner::ResourceKind::service);
    EXPECT_NE(resource.kind, provisioner::ResourceKind::approval);
  }
  EXPECT_TRUE(body(provisioner::ResourceKind::router).at("service").is_null());
}

TEST_F(IntentWithServiceOfItsOwner, HasTheKeysOfEmulatedGuestsEnrolledByTheOwner) {
  EXPECT_EQ(body(provisioner::ResourceKind::guest_key).at("enrolment").text(), "owner");
  EXPECT_EQ(provisioner::owners_service_in(body(provisioner::ResourceKind::domain).at("xml").text()),
            "https://198.51.100.9:8443");
}

TEST_F(IntentWithServiceOfItsOwner, IsShownWithoutTheWeaknessAndWithWhatItsOwnerDoes) {
  Intent intent = make_intent(tenant, host, sample::sources());
  const base::Json values = sample::guest(Pool::control, "10.20.0.10").reference_values;
  provisioner::measure(intent, [&](const GuestIntent&) { return values; });
  const auto wanted = resources_of(intent, sample::host_facts());
  const std::string text =
      readable(make_plan(intent, {"local", "qemu:///system", "/store"}, wanted, {}), provisioner::Colour::off);
  EXPECT_THAT(text, Not(HasSubstr("on the operator's host")));
  EXPECT_THAT(text, HasSubstr("tee emulated: proves nothing against the operator"));
  EXPECT_THAT(text, HasSubstr("  attestation service\n    https://198.51.100.9:8443 (placement owner)"));
  EXPECT_THAT(text, HasSubstr("bulkhead service approve acme --url https://198.51.100.9:8443\n"));
  EXPECT_THAT(text, HasSubstr("bulkhead service enrol acme --url https://198.51.100.9:8443\n"));
  EXPECT_THAT(text, HasSubstr("before the guests start: apply --enrolments\n"));
}

TEST_F(IntentWithServiceOfItsOwner, LetsEveryGuestCallItByTheUplinkThatLeadsThere) {
  const std::string rules = body(provisioner::ResourceKind::router_filter).at("ruleset").text();
  for (const std::string pool : {"control\" ip saddr { 10.20.0.0/24", "worker\" ip saddr { 10.20.1.0/24"})
    EXPECT_THAT(rules,
                HasSubstr("iifname \"" + pool +
                          " } oifname \"up-worker\" ip daddr { 198.51.100.9 } tcp dport { 8443 } ct state new accept"));
  EXPECT_THAT(rules, Not(HasSubstr("skuid"))) << "nobody on the host calls it";
  tenant.networks[1].uplink.reset();
  EXPECT_THAT(body(provisioner::ResourceKind::router_filter).at("ruleset").text(), Not(HasSubstr("198.51.100.9")));
}

}  // namespace
