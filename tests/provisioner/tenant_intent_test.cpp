#include "provisioner/tenant_intent.h"

#include <gmock/gmock.h>

#include "base/certificate.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/initdata.h"
#include "provisioner/names.h"
#include "provisioner/plan.h"
#include "provisioner/tenant_flows.h"
#include "tests/provisioner/sample_tenant.h"

namespace {

using base::Pool;
using provisioner::GuestIntent;
using provisioner::Intent;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(TenantIntent, IsTheSameTextForTheSameDocuments) {
  EXPECT_EQ(intent_json(sample::whole_intent(sample::tenant())).pretty(),
            intent_json(sample::whole_intent(sample::tenant())).pretty());
}

TEST(TenantIntent, GivesEveryGuestItsOwnAddressMacUuidAndInitdata) {
  const Intent intent = sample::whole_intent(sample::tenant());
  ASSERT_EQ(intent.guests.size(), 4U);
  std::set<std::string> addresses, macs, uuids, initdata;
  for (const GuestIntent& guest : intent.guests) {
    addresses.insert(guest.address);
    macs.insert(guest.mac);
    uuids.insert(guest.uuid);
    initdata.insert(guest.initdata_sha256.hex());
  }
  EXPECT_THAT(addresses, ElementsAre("10.20.0.10", "10.20.0.11", "10.20.1.10", "10.20.1.11"));
  EXPECT_EQ(macs.size(), 4U);
  EXPECT_EQ(uuids.size(), 4U);
  EXPECT_EQ(initdata.size(), 4U);
}

TEST(TenantIntent, WritesInitdataThatTheGuestReads) {
  const Intent intent = sample::whole_intent(sample::tenant());
  const base::Initdata read = base::parse_initdata(intent.guests[3].initdata);
  EXPECT_EQ(read.guest, (base::GuestId{{"acme"}, Pool::worker, 1}));
  EXPECT_EQ(base::ipv4_text(read.network.gateway), "10.20.1.1");
  EXPECT_EQ(read.attestation.url.text(), "https://10.20.255.1:8443");
  EXPECT_THAT(read.volumes, ElementsAre("data"));
}

TEST(TenantIntent, TellsGuestsWithVolumesTheirOwnersRecoveryKeys) {
  const std::string key = base::PrivateKey::generate(base::PrivateKey::Type::p256).public_key().pem();
  tenants::Tenant tenant = sample::tenant();
  tenant.owners[0].recovery_key.emplace();
  tenant.owners[0].recovery_key->value = "recovery.pub";
  provisioner::IntentSources sources = sample::sources();
  sources.read = [&, read = sources.read](const std::string& path) {
    return path == "recovery.pub" ? key : read(path);
  };
  const Intent intent = make_intent(tenant, sample::site_host(), sources);
  EXPECT_THAT(base::parse_initdata(intent.guests[3].initdata).recovery, ElementsAre(key));
  EXPECT_THAT(base::parse_initdata(intent.guests[0].initdata).recovery, testing::IsEmpty()) << "it has no volume";
  tenant.owners[0].recovery_key->value = "security.pub";
  EXPECT_THAT([&] { make_intent(tenant, sample::site_host(), sources); }, testing::Throws<base::Error>())
      << "guests seal to EC P-256 only";
}

TEST(TenantIntent, BindsAnEmulatedGuestsInitdataThroughItsCommandLine) {
  for (const GuestIntent& guest : sample::whole_intent(sample::tenant()).guests) {
    EXPECT_EQ(guest.launch->command_line, "console=ttyS0 bulkhead.initdata=sha256:" + guest.initdata_sha256.hex());
  }
}

TEST(TenantIntent, SaysOfTheHypervisorWhatItsTeeMeasures) {
  tenants::SiteHost host = sample::site_host();
  host.vmm = "qemu-legacy";
  host.page_order = "two-pass";
  host.processor_id = "f2060c00fffba91f";
  const auto launch = [&](base::Tee tee) {
    tenants::Tenant tenant = sample::tenant();
    tenant.tee.value = tee;
    return *make_intent(tenant, host, sample::sources()).guests[0].launch;
  };
  EXPECT_EQ(launch(base::Tee::snp).vmm, "qemu-legacy");
  EXPECT_EQ(launch(base::Tee::tdx).tdx_page_order, measurement::PageOrder::two_pass);
  EXPECT_EQ(launch(base::Tee::tdx).processor_id, measurement::processor_id("f2060c00fffba91f"));
  EXPECT_EQ(launch(base::Tee::emulated).vmm, "qemu");
  EXPECT_EQ(launch(base::Tee::emulated).tdx_page_order, measurement::PageOrder::single_pass);
  EXPECT_FALSE(launch(base::Tee::snp).processor_id);
}

TEST(TenantIntent, GivesDomainsTheDevicesThatTheTablesAreAskedFor) {
  const Intent intent = sample::whole_intent(sample::tenant());
  for (const provisioner::Resource& resource : resources_of(intent, sample::host_facts())) {
    if (resource.kind != provisioner::ResourceKind::domain) continue;
    const std::string& xml = resource.body.at("xml").text();
    const auto of_domain = [&](const GuestIntent& guest) { return xml.find(guest.uuid) != std::string::npos; };
    const GuestIntent& guest = *std::ranges::find_if(intent.guests, of_domain);
    std::size_t disks = 0;
    for (std::size_t at = xml.find("<disk "); at != std::string::npos; at = xml.find("<disk ", at + 1)) ++disks;
    EXPECT_EQ(devices_of(guest, true).disks, disks) << guest.id.text();
    EXPECT_EQ(devices_of(guest, false).disks + 1, disks) << guest.id.text();
  }
}

TEST(TenantIntent, GivesAllSnpGuestsOfAPoolOneLaunchConfiguration) {
  tenants::Tenant tenant = sample::tenant();
  tenant.tee.value = base::Tee::snp;
  const Intent intent = sample::whole_intent(tenant);
  EXPECT_EQ(intent.guests[0].launch, intent.guests[1].launch);
  EXPECT_EQ(intent.guests[0].launch->command_line, "console=ttyS0");
  EXPECT_NE(intent.guests[0].initdata_sha256, intent.guests[1].initdata_sha256);
}

// AMD 56860: bit 17 must be one, bit 16 allows SMT, bit 19 allows debugging.
TEST(TenantIntent, TakesTheSnpPolicyFromTheLaunchPolicy) {
  tenants::Tenant tenant = sample::tenant();
  EXPECT_EQ(sample::whole_intent(tenant).guests[0].launch->snp_policy, 0x30000U);
  tenant.launch_policy.smt_allowed = false;
  tenant.launch_policy.debug.value = true;
  EXPECT_EQ(sample::whole_intent(tenant).guests[0].launch->snp_policy, 0xa0000U);
  tenant.pools.worker.hardware.smt_allowed = true;
  const Intent intent = sample::whole_intent(tenant);
  EXPECT_EQ(intent.guests[0].launch->snp_policy, 0xa0000U);
  EXPECT_EQ(intent.guests[3].launch->snp_policy, 0xb0000U);
}

TEST(TenantIntent, IsNotResolvedBeforeTheImageIsBuilt) {
  provisioner::IntentSources sources = sample::sources();
  sources.image.files[1].sha256.reset();
  const Intent intent = make_intent(sample::tenant(), sample::site_host(), sources);
  EXPECT_FALSE(intent.resolved());
  EXPECT_FALSE(intent.guests[0].launch.has_value());
}

TEST(TenantIntent, IsReadBackFromItsJson) {
  tenants::Tenant tenant = sample::tenant();
  tenants::Uplink uplink;
  uplink.name = tenants::Located<std::string>{"lan", {}};
  uplink.address = tenants::Located<tenants::Cidr>{sample::cidr("192.0.2.7/24"), {}};
  tenant.networks[1].uplink = uplink;
  tenants::SiteHost host = sample::site_host();
  host.uplinks.push_back({{"lan", {}}, {"br0", {}}});
  const Intent intent = make_intent(tenant, host, sample::sources());
  EXPECT_EQ(provisioner::parse_intent(intent_json(intent), "plan"), intent);
  EXPECT_EQ(intent.networks[1].uplink->bridge, "br0");
}

TEST(TenantIntent, NamesAnUplinkTheHostDoesNotHave) {
  tenants::Tenant tenant = sample::tenant();
  tenants::Uplink uplink;
  uplink.name = tenants::Located<std::string>{"lan", {}};
  uplink.address = tenants::Located<tenants::Cidr>{sample::cidr("192.0.2.7/24"), {}};
  tenant.networks[0].uplink = uplink;
  try {
    make_intent(tenant, sample::site_host(), sample::sources());
    FAIL() << "nothing was thrown";
  } catch (const base::Error& error) {
    EXPECT_STREQ(error.what(), "tenant 'acme': host 'local' has no uplink 'lan'");
  }
}

/// A tenant with uplinks and an OpenBao at its owner, as an intent.
class IntentWithKms : public testing::Test {
 protected:
  IntentWithKms() {
    tenants::Kms kms;
    kms.placement.value = tenants::Placement::owner;
    kms.provider.value = tenants::KmsProvider::openbao;
    kms.url = tenants::Located<tenants::ServiceUrl>{
        {"https://198.51.100.9:8200", "https", "198.51.100.9", 8200, tenants::Ipv4::parse("198.51.100.9")}, {}};
    kms.ca = tenants::Located<std::string>{"kms-ca.pem", {}};
    kms.name_space = "acme";
    kms.shared_with = {{"globex", {}}};
    tenant.owners[0].kms = kms;
    add_uplink(0, "dmz", "203.0.113.7/24");
    add_uplink(1, "lan", "192.0.2.7/24");
  }
  void add_uplink(std::size_t network, const char* name, const char* address) {
    tenants::Uplink uplink;
    uplink.name = tenants::Located<std::string>{name, {}};
    uplink.address = tenants::Located<tenants::Cidr>{sample::cidr(address), {}};
    tenant.networks[network].uplink = uplink;
    host.uplinks.push_back({{name, {}}, {std::string("br-") + name, {}}});
  }
  [[nodiscard]] Intent intent() const {
    provisioner::IntentSources sources = sample::sources();
    sources.read = [this, others = sources.read](const std::string& path) {
      return path == "kms-ca.pem" ? ca : others(path);
    };
    return make_intent(tenant, host, sources);
  }
  [[nodiscard]] std::string body(provisioner::ResourceKind kind) const {
    for (const auto& resource : resources_of(intent(), sample::host_facts())) {
      if (resource.kind == kind) return resource.body.pretty();
    }
    return "none";
  }
  std::string ca = base::make_ca_certificate(base::KeySigner(base::PrivateKey::generate(base::PrivateKey::Type::p256)),
                                             {"KMS", {}, {}, 1'700'000'000, 1'900'000'000});
  tenants::Tenant tenant = sample::tenant();
  tenants::SiteHost host = sample::site_host();
};

TEST_F(IntentWithKms, NamesThePlaceThatItsOwnersApproveAndIsReadBack) {
  const Intent made = intent();
  ASSERT_TRUE(made.kms.has_value());
  EXPECT_EQ(made.kms->placement, "owner");
  EXPECT_EQ(made.kms->place.text(), "openbao 198.51.100.9:8200, namespace acme");
  EXPECT_EQ(made.kms->place.ca, base::certificate_fingerprint(ca, "ca"));
  EXPECT_EQ(made.kms->place.client, std::nullopt);
  EXPECT_EQ(provisioner::parse_intent(intent_json(made), "plan"), made);
}

TEST_F(IntentWithKms, IsAnotherOneWithAnotherPlace) {
  const auto before = intent_digest(intent());
  tenant.owners[0].kms->name_space = "other";
  EXPECT_NE(intent_digest(intent()), before);
}

TEST_F(IntentWithKms, IsWithoutOneForTheEmbeddedStoreAndForAServiceElsewhere) {
  tenant.owners[0].attestation->placement.value = tenants::Placement::owner;
  EXPECT_EQ(intent().kms, std::nullopt);
  tenant.owners[0].attestation->placement.value = tenants::Placement::operator_host;
  tenant.owners[0].kms->provider.value = tenants::KmsProvider::embedded;
  EXPECT_EQ(intent().kms, std::nullopt);
  EXPECT_THAT(body(provisioner::ResourceKind::service), Not(HasSubstr("kms")));
}

TEST_F(IntentWithKms, TellsTheServiceAndOpensTheWayForItAlone) {
  EXPECT_THAT(body(provisioner::ResourceKind::service), HasSubstr("\"server\": \"198.51.100.9:8200\""));
  EXPECT_THAT(body(provisioner::ResourceKind::router_filter),
              HasSubstr("oifname \\\"up-control\\\" ip daddr 198.51.100.9 tcp dport 8200 meta skuid 64000"));
  tenant.owners[0].kms->url->value.host = "192.0.2.9";
  EXPECT_THAT(body(provisioner::ResourceKind::router_filter),
              HasSubstr("oifname \\\"up-worker\\\" ip daddr 192.0.2.9 tcp dport 8200"))
      << "in the subnet of that uplink";
  tenant.networks[0].uplink.reset();
  tenant.networks[1].uplink.reset();
  EXPECT_THAT(body(provisioner::ResourceKind::router_filter), Not(HasSubstr("skuid")));
}

TEST_F(IntentWithKms, IsShownWithWhatItDoesNotProtectAgainst) {
  const std::string text =
      readable(make_plan(intent(), {"local", "qemu:///system", "/store"}, {}, {}), provisioner::Colour::off);
  EXPECT_THAT(text,
              HasSubstr("with a credential of the owner's KMS: the operator can use it until the KMS revokes it"));
  EXPECT_THAT(text, HasSubstr("  kms\n    openbao 198.51.100.9:8200, namespace acme (placement owner)\n"
                              "    its server is shared with globex\n"));
  EXPECT_THAT(text, HasSubstr("into the service bundle for the operator: bulkhead keys connect"));
}

TEST_F(IntentWithKms, OfPassportsIsInTheInitdataAndOpensTheWayForGuestsAlone) {
  tenants::Kms& kms = *tenant.owners[0].kms;
  kms.model.emplace().value = tenants::KmsModel::passport;
  kms.mount = "cvm";
  const Intent made = intent();
  EXPECT_EQ(made.kms->place.model, kms::Model::passport);
  EXPECT_EQ(provisioner::parse_intent(intent_json(made), "plan"), made);
  const auto initdata = base::parse_initdata(made.guests[0].initdata);
  EXPECT_EQ(initdata.kms, (base::Initdata::Kms{{"198.51.100.9", 8200}, ca, "acme", "cvm"}));
  const std::string rules = body(provisioner::ResourceKind::router_filter);
  for (const char* const pool : {"control", "worker"})
    EXPECT_THAT(rules, HasSubstr(std::string("iifname \\\"") + pool + "\\\" ip saddr { " +
                                 (pool == std::string("control") ? made.networks[0] : made.networks[1]).cidr +
                                 " } oifname \\\"up-control\\\" ip daddr { 198.51.100.9 } tcp dport { 8200 }"));
  EXPECT_THAT(rules, Not(HasSubstr("skuid"))) << "the service has nothing to say there";
  const std::string text =
      readable(make_plan(made, {"local", "qemu:///system", "/store"}, {}, {}), provisioner::Colour::off);
  EXPECT_THAT(text, HasSubstr("the operator can make himself one"));
  EXPECT_THAT(text, HasSubstr("bulkhead kms policy"));
  EXPECT_THAT(text, Not(HasSubstr("keys connect")));
  tenant.owners[0].attestation->placement.value = tenants::Placement::owner;
  EXPECT_TRUE(intent().kms.has_value()) << "it is the guests' wherever the service is";
}

TEST(TenantFlows, NeverWidenWhatTheRouterCannotExpress) {
  tenants::Tenant tenant = sample::tenant();
  tenants::Flow ping = tenant.flows[0];
  ping.tcp.clear();
  ping.icmp = true;
  tenants::Flow named = tenant.flows[0];
  named.names = {{"registry.example", {}}};
  tenant.flows = {ping, named};
  EXPECT_TRUE(provisioner::flow_intents(tenant).empty());
}

TEST(TenantFlows, MeetASubnetAtTheUplinkOfThePoolItReaches) {
  tenants::Tenant tenant = sample::tenant();
  tenants::FlowEnd outside;
  outside.kind = tenants::FlowEnd::Kind::subnet;
  outside.subnet = sample::cidr("10.9.0.0/24");
  tenant.flows[0].from = {outside};
  EXPECT_TRUE(provisioner::flow_intents(tenant).empty()) << "the network has no uplink";
  tenant.networks[0].uplink = tenants::Uplink{};
  const auto flows = provisioner::flow_intents(tenant);
  ASSERT_EQ(flows.size(), 1U);
  EXPECT_EQ(flows[0].from, (provisioner::FlowEndIntent{"up-control", {"10.9.0.0/24"}}));
  EXPECT_EQ(flows[0].to, (provisioner::FlowEndIntent{"control", {}}));
}

TEST(Names, FitAnNftablesIdentifier) {
  EXPECT_THAT(provisioner::filter_name({"a-very-long-name-20x"}),
              testing::MatchesRegex("bh_[a-z0-9_]{1,20}_[0-9a-f]{8}"));
}

TEST(Resources, AreInTheOrderOfMakingAndNamedOnce) {
  const auto resources = resources_of(sample::whole_intent(sample::tenant()), sample::host_facts());
  std::set<provisioner::ResourceKey> names;
  for (std::size_t i = 0; i < resources.size(); ++i) {
    EXPECT_TRUE(names.insert({resources[i].kind, resources[i].name}).second) << resources[i].name;
    if (i > 0) {
      EXPECT_LE(resources[i - 1].kind, resources[i].kind);
    }
  }
  EXPECT_EQ(resources.size(), 28U);
}

TEST(Resources, HoldNothingOfAnotherTenant) {
  std::string text;
  for (const auto& resource : resources_of(sample::whole_intent(sample::tenant("acme")), sample::host_facts())) {
    text += resource.name + resource.body.compact();
  }
  EXPECT_THAT(text, Not(HasSubstr("globex")));
}

TEST(Resources, StartEveryGuestFromFilesInTheTenantsStore) {
  const auto resources = resources_of(sample::whole_intent(sample::tenant()), sample::host_facts());
  const auto kernel = "/var/lib/bulkhead/tenants/acme/boot/kernel-" + sample::digest("kernel").hex().substr(0, 12);
  int domains = 0;
  for (const auto& resource : resources) {
    if (resource.kind != provisioner::ResourceKind::domain) continue;
    ++domains;
    EXPECT_THAT(resource.body.at("xml").text(), HasSubstr(kernel));
    EXPECT_THAT(resource.body.at("xml").text(), Not(HasSubstr("/image/")));
  }
  EXPECT_EQ(domains, 4);
}

TEST(Resources, GiveHardwareGuestsNoTpmKeyAndTdsTheirQuoteService) {
  for (const base::Tee tee : {base::Tee::snp, base::Tee::tdx}) {
    tenants::Tenant tenant = sample::tenant();
    tenant.tee.value = tee;
    tenant.launch_policy.debug.value = true;
    int domains = 0;
    for (const auto& resource : resources_of(sample::whole_intent(tenant), sample::host_facts())) {
      EXPECT_NE(resource.kind, provisioner::ResourceKind::guest_key) << resource.name;
      if (resource.kind != provisioner::ResourceKind::domain) continue;
      ++domains;
      const std::string& xml = resource.body.at("xml").text();
      EXPECT_EQ(xml.find("<quoteGenerationService path='/var/run/tdx-qgs/qgs.socket'/>") != std::string::npos,
                tee == base::Tee::tdx);
      EXPECT_EQ(xml.find("<policy>0x10000001</policy>") != std::string::npos, tee == base::Tee::tdx);
    }
    EXPECT_EQ(domains, 4);
  }
}

TEST(Resources, ChangeTheDomainWhenTheKernelChanges) {
  const tenants::Tenant tenant = sample::tenant();
  provisioner::IntentSources sources = sample::sources();
  const auto before = resources_of(make_intent(tenant, sample::site_host(), sources), sample::host_facts());
  sources.image.files[1].sha256 = sample::digest("another kernel");
  const auto after = resources_of(make_intent(tenant, sample::site_host(), sources), sample::host_facts());
  EXPECT_NE(before.back().digest(), after.back().digest());
}

TEST(UserIds, KeepTheTenantsOwnAndElseTakeTheLowestFree) {
  const std::map<base::TenantId, std::uint32_t> used = {{{"acme"}, 64002}, {{"globex"}, 64000}};
  EXPECT_EQ(provisioner::choose_user_id({"acme"}, 64000, 64009, used), 64002U);
  EXPECT_EQ(provisioner::choose_user_id({"initech"}, 64000, 64009, used), 64001U);
  EXPECT_THROW(provisioner::choose_user_id({"initech"}, 64000, 64000, used), base::Error);
}

}  // namespace
