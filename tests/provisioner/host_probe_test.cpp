#include "provisioner/host_probe.h"
#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace {

using provisioner::HypervisorFacts;
using provisioner::probe_findings;
using provisioner::ProbeFinding;

/// A directory that stands for a host's root.
class HostProbe : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text;
  }
  static std::vector<std::string> missing(const std::vector<ProbeFinding>& findings) {
    std::vector<std::string> names;
    for (const ProbeFinding& finding : findings) {
      if (!finding.present) names.push_back(finding.check);
      EXPECT_EQ(finding.remedy.empty(), finding.present) << finding.check;
    }
    return names;
  }
  void common() {
    put("/usr/sbin/ip", "");
    put("/proc/self/ns/net", "");
  }
  const tests::TemporaryFolder folder_;
  const std::string root_ = folder_.path();
};

TEST_F(HostProbe, NamesEverythingAnSnpGuestLacksOnABareHost) {
  EXPECT_THAT(missing(probe_findings(root_, {"no libvirtd", 0, 0, ""}, base::Tee::snp)),
              testing::ElementsAre("libvirt", "iproute2", "network namespaces", "libvirt 10.5.0 or later",
                                   "QEMU 9.1.0 or later", "Linux 6.11 or later", "SEV-SNP in the CPU", "sev in KVM",
                                   "sev_es in KVM", "sev_snp in KVM", "/dev/sev", "IOMMU translating",
                                   "launch security 'sev-snp' in libvirt"));
}

TEST_F(HostProbe, FindsNothingMissingOnAnSnpHost) {
  common();
  put("/proc/sys/kernel/osrelease", "6.12.48+deb13-amd64\n");
  put("/proc/cpuinfo", "processor : 0\nflags : fpu sev sev_es sev_snp\n");
  for (const char* name : {"sev", "sev_es", "sev_snp"})
    put(std::string("/sys/module/kvm_amd/parameters/") + name, "Y\n");
  put("/dev/sev", "");
  put("/proc/cmdline", "root=/dev/sda1 quiet\n");
  put("/sys/kernel/iommu_groups/0/type", "DMA\n");
  const HypervisorFacts facts{
      "", 11'003'000, 10'000'002,
      "<launchSecurity supported='yes'><enum name='sectype'><value>sev-snp</value></enum></launchSecurity>"};
  EXPECT_THAT(missing(probe_findings(root_, facts, base::Tee::snp)), testing::IsEmpty());
  EXPECT_THAT(missing(probe_findings(root_, facts, base::Tee::tdx)), testing::Contains("TDX in KVM"));
}

TEST_F(HostProbe, NamesWhatATdLacksOnDebianTwelveWithGotAndWanted) {
  common();
  put("/proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
  const HypervisorFacts facts{"", 9'000'000, 7'002'022, "<launchSecurity supported='no'/>"};
  std::map<std::string, ProbeFinding> found;
  for (const ProbeFinding& finding : probe_findings(root_, facts, base::Tee::tdx)) found[finding.check] = finding;
  EXPECT_EQ(found.at("libvirt 11.6.0 or later").got, "9.0.0");
  EXPECT_EQ(found.at("QEMU 10.1.0 or later").got, "7.2.22");
  EXPECT_EQ(found.at("Linux 6.16 or later").got, "/proc/sys/kernel/osrelease: 6.1.0-56-amd64");
  EXPECT_EQ(found.at("quote generation service").got, "/var/run/tdx-qgs/qgs.socket: absent");
  EXPECT_EQ(found.at("libvirt 11.6.0 or later").remedy, "upgrade libvirt: launch security 'tdx' is new in 11.6");
}

TEST_F(HostProbe, FindsNothingMissingOnATdxHost) {
  common();
  put("/proc/sys/kernel/osrelease", "6.16.3+deb14-amd64\n");
  put("/proc/cpuinfo", "processor : 0\nflags : fpu tdx_host_platform\n");
  put("/sys/module/kvm_intel/parameters/tdx", "Y\n");
  put("/var/run/tdx-qgs/qgs.socket", "");
  const HypervisorFacts facts{
      "", 12'008'000, 11'001'003,
      "<launchSecurity supported='yes'><enum name='sectype'><value>tdx</value></enum></launchSecurity>"};
  EXPECT_THAT(missing(probe_findings(root_, facts, base::Tee::tdx)), testing::IsEmpty());
}

TEST_F(HostProbe, TakesAPassThroughIommuAndASwitchedOffParameterForMissing) {
  common();
  put("/proc/cmdline", "iommu=pt\n");
  put("/sys/kernel/iommu_groups/0/type", "DMA\n");
  put("/sys/module/kvm_amd/parameters/sev_snp", "N\n");
  const std::vector<std::string> names = missing(probe_findings(root_, {}, base::Tee::snp));
  EXPECT_THAT(names, testing::Contains("IOMMU translating"));
  EXPECT_THAT(names, testing::Contains("sev_snp in KVM"));
}

TEST_F(HostProbe, WantsNoHardwareForEmulatedGuests) {
  common();
  put("/usr/bin/swtpm", "");
  put("/usr/bin/swtpm_setup", "");
  const HypervisorFacts facts{"", 9'000'000, 7'002'000, "<value>tpm-crb</value><value>emulator</value>"};
  EXPECT_THAT(missing(probe_findings(root_, facts, base::Tee::emulated)), testing::IsEmpty());
}

}  // namespace
