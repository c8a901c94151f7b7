#include "measurement/snp.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "measurement/sev.h"

namespace measurement {
namespace {

constexpr SevSection memory{0x800000, 0x2000, SevSectionType::memory};
constexpr SevSection secrets{0x80d000, 0x1000, SevSectionType::secrets};
constexpr SevSection cpuid{0x80e000, 0x1000, SevSectionType::cpuid};
constexpr SevSection hashes{0x810000, 0x1000, SevSectionType::kernel_hashes};

SevFirmware firmware(std::vector<SevSection> sections = {memory, secrets, cpuid, hashes}) {
  return {std::move(sections), {HashTable{0x810c00, 0x400}, 0x80b004}};
}

LaunchDigest digest(SevFirmware of, const SnpGuest& guest, const char* vmm = "qemu") {
  return SnpLaunches({}, std::move(of), *find_vmm_profile(vmm)).digests(guest).back();
}

TEST(SnpLaunchDigest, ComesForAllVcpuCountsFromOnePass) {
  SnpLaunches launches({}, firmware());
  const std::vector<LaunchDigest> all = launches.digests({.vcpus = 8});
  EXPECT_EQ(all.size(), 8U);
  EXPECT_EQ(all[2], launches.digests({.vcpus = 3}).back());
}

TEST(SnpLaunchDigest, DoesNotDependOnWhatWasMeasuredBefore) {
  const SnpGuest guests[] = {{.cpuid_signature = 0xa00f11, .vcpus = 2},
                             {.kernel = KernelHashes{}, .cpuid_signature = 0xa00f11, .vcpus = 2},
                             {.cpuid_signature = 0xa10f10, .sev_features = 0x21, .vcpus = 2}};
  SnpLaunches shared({}, firmware({memory, hashes, secrets}));
  for (const SnpGuest& guest : guests)
    EXPECT_EQ(shared.digests(guest).back(), digest(firmware({memory, hashes, secrets}), guest));
}

TEST(SnpLaunchDigest, RefusesVcpuCountsNobodyCanLaunch) {
  for (const unsigned vcpus : {0U, 4097U})
    EXPECT_THAT([&] { digest(firmware(), {.vcpus = vcpus}); },
                testing::Throws<base::Error>(testing::Property(&base::Error::kind, base::Kind::malformed)));
}

TEST(SnpLaunchDigest, NeedsAResetBlockForTheSecondVcpu) {
  SevFirmware one_vcpu = firmware();
  one_vcpu.boot.reset_address.reset();
  EXPECT_NO_THROW(digest(one_vcpu, {.vcpus = 1}));
  EXPECT_THAT([&] { digest(one_vcpu, {.vcpus = 2}); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("no SEV-ES reset block")));
  EXPECT_THROW(check_vcpus(2, {}), base::Error);
}

TEST(SnpLaunchDigest, NeedsASectionForTheKernelsHashes) {
  const SnpGuest with_kernel{.kernel = KernelHashes{}};
  EXPECT_THAT([&] { digest(firmware({memory}), with_kernel); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("ovmf-amdsev")));
  SevFirmware elsewhere = firmware();
  elsewhere.boot.hash_table->address = 0x811000;
  EXPECT_THAT([&] { digest(elsewhere, with_kernel); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("outside its section")));
  elsewhere.boot.hash_table->address = 0x810f51;
  EXPECT_THAT([&] { digest(elsewhere, with_kernel); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("0xf51, wanted at most 0xf50")));
}

TEST(SnpLaunchDigest, TakesAZeroPageForKernelHashesWithoutAKernel) {
  const SevSection zero{hashes.gpa, hashes.size, SevSectionType::svsm_caa};
  EXPECT_EQ(digest(firmware({memory, hashes}), {}), digest(firmware({memory, zero}), {}));
}

TEST(VmmProfiles, DifferForEveryPair) {
  std::map<LaunchDigest, std::string_view> seen;
  for (const VmmProfile& profile : vmm_profiles()) {
    const SnpGuest guest{.cpuid_signature = 0xa00f11, .vcpus = 2};
    EXPECT_TRUE(seen.emplace(digest(firmware(), guest, profile.name.data()), profile.name).second) << profile.name;
  }
  EXPECT_EQ(find_vmm_profile("xen"), nullptr);
}

TEST(VmmProfiles, MeasureTheCpuidPageOfEc2Last) {
  const SnpGuest guest{};
  EXPECT_EQ(digest(firmware({memory, cpuid, secrets}), guest, "ec2"),
            digest(firmware({memory, secrets, cpuid}), guest, "ec2"));
  EXPECT_NE(digest(firmware({memory, cpuid, secrets}), guest), digest(firmware({memory, secrets, cpuid}), guest));
}

// google/gce-tcb-verifier, sev/measurement.go: 48 address bits on Milan, 52 on Genoa.
TEST(VmmProfiles, PutTheVmsasOfGceWhereTheProductsAddressesEnd) {
  const VmmProfile& gce = *find_vmm_profile("gce");
  EXPECT_EQ(vmsa_address(gce, 0xa00f11).value, 0xfffffffff000U);
  EXPECT_EQ(vmsa_address(gce, 0xa10f11).value, 0xffffffffff000U);
  EXPECT_EQ(vmsa_address(VmmProfile{}, 0xa10f11).value, 0xfffffffff000U);
}

TEST(FirmwareLaunchDigest, IsOfWholePagesOfAtMost16MiB) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{4095}, std::size_t{4097}, (std::size_t{16} << 20U) + 4096})
    EXPECT_THAT([&] { firmware_launch_digest(base::Buffer(size)); },
                testing::Throws<base::Error>(testing::Property(&base::Error::kind, base::Kind::malformed)))
        << size;
}

}  // namespace
}  // namespace measurement
