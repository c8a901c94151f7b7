#include "provisioner/tenant_hardware.h"

#include <gmock/gmock.h>

#include "tests/provisioner/sample_tenant.h"

namespace {

using attestation::HardwarePolicy;
using base::Pool;
using provisioner::hardware_policy;

tenants::Tenant tenant(base::Tee tee) {
  tenants::Tenant tenant = sample::tenant();
  tenant.tee.value = tee;
  return tenant;
}

tenants::Located<std::string> word(const std::string& text) {
  return {text, {}};
}

TEST(TenantHardware, IsTheStrictestWhenTheFileDemandsNothing) {
  EXPECT_EQ(hardware_policy(tenant(base::Tee::snp), Pool::worker), HardwarePolicy{});
  EXPECT_EQ(hardware_policy(tenant(base::Tee::tdx), Pool::control), HardwarePolicy{});
}

TEST(TenantHardware, SaysWhatTheFileSays) {
  tenants::Tenant snp = tenant(base::Tee::snp);
  snp.launch_policy.debug.value = true;
  snp.launch_policy.smt_allowed = false;
  snp.launch_policy.chips = {word(std::string(128, 'c')), word("0011223344556677" + std::string(112, '0'))};
  snp.launch_policy.milan = tenants::MinimumTcb{4, 0, 23, 219, std::nullopt};
  snp.launch_policy.turin = tenants::MinimumTcb{std::nullopt, std::nullopt, 5, std::nullopt, 1};
  snp.launch_policy.provisional_firmware = tenants::Located<bool>{true, {}};
  snp.launch_policy.vmpl = tenants::Located<unsigned>{2, {}};
  HardwarePolicy wanted;
  wanted.debug = true;
  wanted.smt = false;
  wanted.chips = {std::string(128, 'c'), "0011223344556677"};
  wanted.minimum_tcb["milan"] = {std::nullopt, 4, 0, 23, 219};
  wanted.minimum_tcb["turin"].snp = std::uint8_t{5};
  wanted.minimum_tcb["turin"].fmc = std::uint8_t{1};
  wanted.provisional_firmware = true;
  wanted.vmpl = 2;
  EXPECT_EQ(hardware_policy(snp, Pool::control), wanted);
  EXPECT_EQ(hardware_policy(snp, Pool::worker), wanted);
}

TEST(TenantHardware, AcceptsOnlyTheStatusesThatAreNamed) {
  tenants::Tenant tdx = tenant(base::Tee::tdx);
  tdx.launch_policy.tcb_statuses = {word("SWHardeningNeeded")};
  EXPECT_THAT(hardware_policy(tdx, Pool::worker).tcb_statuses, testing::ElementsAre("SWHardeningNeeded"));
}

TEST(TenantHardware, TakesAPoolsOwnDemandsInsteadOfTheTenants) {
  tenants::Tenant snp = tenant(base::Tee::snp);
  snp.launch_policy.smt_allowed = false;
  snp.launch_policy.milan = tenants::MinimumTcb{4, 0, 23, 219, std::nullopt};
  snp.pools.control.hardware.genoa = tenants::MinimumTcb{7, 0, 14, 72, std::nullopt};
  snp.pools.worker.hardware.smt_allowed = true;
  const HardwarePolicy control = hardware_policy(snp, Pool::control), worker = hardware_policy(snp, Pool::worker);
  EXPECT_FALSE(control.smt);
  EXPECT_TRUE(worker.smt);
  EXPECT_FALSE(control.minimum_tcb.contains("milan")) << "the families of both are not mixed";
  EXPECT_EQ(control.minimum_tcb.at("genoa").microcode, 72);
  EXPECT_EQ(worker.minimum_tcb.at("milan").snp, 23);
}

TEST(TenantHardware, SaysNothingBelowEmulatedGuests) {
  tenants::Tenant emulated = tenant(base::Tee::emulated);
  emulated.launch_policy.smt_allowed = false;
  EXPECT_EQ(hardware_policy(emulated, Pool::worker), HardwarePolicy{});
}

TEST(TenantHardware, IsShownInThePlanAndReadBackFromIt) {
  tenants::Tenant snp = tenant(base::Tee::snp);
  snp.launch_policy.vmpl = tenants::Located<unsigned>{1, {}};
  snp.pools.worker.hardware.chips = {word(std::string(128, 'c'))};
  const provisioner::Intent intent = make_intent(snp, sample::site_host(), sample::sources());
  EXPECT_EQ(provisioner::parse_intent(intent_json(intent), "plan"), intent);
  const std::string shown =
      readable(provisioner::make_plan(intent, {"local", "qemu:///system", "/store"}, {}, {}), provisioner::Colour::off);
  EXPECT_THAT(shown, testing::HasSubstr("  hardware\n    control     vmpl 1\n    worker      chips [\"cccc"));
}

}  // namespace
