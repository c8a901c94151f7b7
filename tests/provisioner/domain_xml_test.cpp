#include "provisioner/domain_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace {

using provisioner::domain_xml;
using provisioner::DomainInputs;
using testing::HasSubstr;
using testing::Not;

DomainInputs guest(base::Tee tee, unsigned index = 0) {
  DomainInputs inputs;
  inputs.launch.tee = tee;
  inputs.launch.vcpus = 2;
  inputs.launch.cpu_model = "EPYC-Milan";
  inputs.launch.memory = base::MiB{1024};
  inputs.launch.machine = "pc-q35-7.2";
  inputs.launch.firmware.path = "/var/lib/bulkhead/tenants/acme/boot/firmware";
  inputs.launch.kernel.path = "/var/lib/bulkhead/tenants/acme/boot/kernel";
  inputs.launch.initrd = measurement::BootFile{"/var/lib/bulkhead/tenants/acme/boot/initrd", {}};
  inputs.launch.command_line = "console=ttyS0 quiet";
  inputs.name = "bh-acme-worker-" + std::to_string(index);
  inputs.uuid = "5f0c1c9e-6b1e-5c1c-9d4e-0a6b6f0d0c0" + std::to_string(index);
  inputs.title = "acme worker/" + std::to_string(index);
  inputs.network = "bh-acme-worker";
  inputs.mac = "52:54:00:0a:0b:0" + std::to_string(index);
  inputs.port = "bh0a0b0c0d0e" + std::to_string(index);
  inputs.disks = {{"/store/root.img", "bulkhead-root", true}, {"/store/config.img", "bulkhead-config", true}};
  inputs.console_log = "/store/console.log";
  const std::size_t binding = tee == base::Tee::snp ? 32 : tee == base::Tee::tdx ? 48 : 0;
  inputs.security.host_data = base::Buffer(binding, static_cast<std::uint8_t>(index + 1));
  return inputs;
}

/// The text between `from` and the next `to`.
std::string part(const std::string& xml, const std::string& from, const std::string& to) {
  const std::size_t start = xml.find(from);
  if (start == std::string::npos) return "(absent: " + from + ")";
  return xml.substr(start, xml.find(to, start) - start);
}

TEST(DomainXml, OfAnEmulatedGuestHasATpmAndStatelessFlashAndNoLaunchSecurity) {
  const std::string xml = domain_xml(guest(base::Tee::emulated));
  EXPECT_THAT(xml, HasSubstr("<loader readonly='yes' type='pflash' stateless='yes'>"
                             "/var/lib/bulkhead/tenants/acme/boot/firmware</loader>"));
  EXPECT_THAT(xml, HasSubstr("<tpm model='tpm-crb'>"));
  EXPECT_THAT(xml, HasSubstr("<active_pcr_banks><sha256/><sha384/></active_pcr_banks>"));
  EXPECT_THAT(xml, HasSubstr("<on_reboot>restart</on_reboot>"));
  EXPECT_THAT(xml, Not(HasSubstr("launchSecurity")));
}

TEST(DomainXml, SaysWhereAServiceOfItsOwnersIs) {
  DomainInputs inputs = guest(base::Tee::emulated);
  EXPECT_EQ(provisioner::owners_service_in(domain_xml(inputs)), "");
  inputs.owners_service = "https://192.0.2.7:8443";
  EXPECT_EQ(provisioner::owners_service_in(domain_xml(inputs)), "https://192.0.2.7:8443");
  EXPECT_EQ(provisioner::owners_service_in("<description>of a person</description>"), "");
}

TEST(DomainXml, OfAnSnpGuestGivesFirmwareAsRomAndHasNoTpm) {
  const std::string xml = domain_xml(guest(base::Tee::snp));
  EXPECT_THAT(xml, HasSubstr("<loader readonly='yes' type='rom' stateless='yes'>"));
  EXPECT_THAT(xml, HasSubstr("<launchSecurity type='sev-snp' kernelHashes='yes' vcek='yes'>\n"
                             "    <policy>0x30000</policy>\n"
                             "    <hostData>AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=</hostData>"));
  EXPECT_THAT(xml, HasSubstr("<on_reboot>destroy</on_reboot>"));
  EXPECT_THAT(xml, Not(HasSubstr("<tpm")));
}

TEST(DomainXml, OfATdxGuestBindsItsInitdataAsMrConfigId) {
  const std::string xml = domain_xml(guest(base::Tee::tdx));
  EXPECT_THAT(xml, HasSubstr("<launchSecurity type='tdx'>\n    <policy>0x10000000</policy>\n    <mrConfigId>AQEB"));
  EXPECT_THAT(xml, HasSubstr("<ioapic driver='qemu'/>"));
  EXPECT_THAT(xml, HasSubstr("<loader readonly='yes' type='rom' stateless='yes'>"));
  EXPECT_THAT(xml, Not(HasSubstr("<tpm")));
  EXPECT_THAT(xml, Not(HasSubstr("mrOwner")));
}

TEST(DomainXml, OfATdxGuestSaysWhatItsOwnersDemandOfTheReportAndWhereQuotesComeFrom) {
  DomainInputs inputs = guest(base::Tee::tdx);
  inputs.security.td_debug = true;
  inputs.security.mr_owner.emplace().bytes.fill(2);
  inputs.security.mr_owner_config.emplace().bytes.fill(3);
  inputs.security.quote_socket = "/var/run/tdx-qgs/qgs.socket";
  const auto repeated = [](const char* four) {
    std::string text;
    for (int i = 0; i < 16; ++i) text += four;
    return text;
  };
  EXPECT_THAT(domain_xml(inputs), HasSubstr("  <launchSecurity type='tdx'>\n    <policy>0x10000001</policy>\n"
                                            "    <mrConfigId>" +
                                            repeated("AQEB") + "</mrConfigId>\n    <mrOwner>" + repeated("AgIC") +
                                            "</mrOwner>\n    <mrOwnerConfig>" + repeated("AwMD") +
                                            "</mrOwnerConfig>\n"
                                            "    <quoteGenerationService path='/var/run/tdx-qgs/qgs.socket'/>\n"
                                            "  </launchSecurity>\n"));
}

TEST(DomainXml, LaunchesAllSnpGuestsOfAPoolAlikeButForTheirHostData) {
  const std::string first = domain_xml(guest(base::Tee::snp, 0)), second = domain_xml(guest(base::Tee::snp, 1));
  EXPECT_EQ(guest(base::Tee::snp, 0).launch, guest(base::Tee::snp, 1).launch);
  const std::pair<const char*, const char*> launched[] = {{"<memory ", "<devices>"}, {"<policy>", "<hostData>"}};
  for (const auto& [from, to] : launched) EXPECT_EQ(part(first, from, to), part(second, from, to)) << from;
  EXPECT_NE(part(first, "<hostData>", "</hostData>"), part(second, "<hostData>", "</hostData>"));
}

TEST(DomainXml, KeepsGuestsOfOnePoolApartAndOptionRomsOff) {
  for (const base::Tee tee : {base::Tee::emulated, base::Tee::snp, base::Tee::tdx}) {
    const std::string card = part(domain_xml(guest(tee)), "<interface ", "</interface>");
    EXPECT_THAT(card, HasSubstr("<target dev='bh0a0b0c0d0e"));
    EXPECT_THAT(card, HasSubstr("<port isolated='yes'/>"));
    EXPECT_THAT(card, HasSubstr("<rom enabled='no'/>"));
  }
}

TEST(DomainXml, NeverOffersDevicesThatReachIntoTheGuest) {
  for (const base::Tee tee : {base::Tee::emulated, base::Tee::snp, base::Tee::tdx}) {
    const std::string xml = domain_xml(guest(tee));
    for (const char* device : {"<graphics", "<video", "<channel", "<vsock", "<filesystem", "<hostdev", "<sound"})
      EXPECT_THAT(xml, Not(HasSubstr(device)));
    EXPECT_THAT(xml, HasSubstr("<controller type='usb' model='none'/>"));
    EXPECT_THAT(xml, HasSubstr("<memballoon model='none'/>"));
  }
}

TEST(DomainXml, NumbersDisksAndMarksTheReadOnlyOnes) {
  DomainInputs inputs = guest(base::Tee::emulated);
  inputs.disks.push_back({"/store/data.img", "data", false});
  const std::string xml = domain_xml(inputs);
  EXPECT_THAT(part(xml, "/store/root.img", "</disk>"),
              HasSubstr("<target dev='vda' bus='virtio'/>\n      <readonly/>"));
  EXPECT_THAT(part(xml, "/store/data.img", "</disk>"),
              HasSubstr("<target dev='vdc' bus='virtio'/>\n      <serial>data"));
}

TEST(DomainXml, EscapesWhatAPersonWrote) {
  DomainInputs inputs = guest(base::Tee::emulated);
  inputs.launch.command_line = "a=\"<&>'";
  EXPECT_THAT(domain_xml(inputs), HasSubstr("<cmdline>a=&quot;&lt;&amp;&gt;&apos;</cmdline>"));
}

TEST(DomainXml, UsesModesForHostAndMax) {
  DomainInputs inputs = guest(base::Tee::emulated);
  inputs.launch.cpu_model = "max";
  EXPECT_THAT(domain_xml(inputs), HasSubstr("<cpu mode='maximum' check='none'>"));
  inputs.launch.cpu_model = "host";
  EXPECT_THAT(domain_xml(inputs), HasSubstr("<cpu mode='host-passthrough' check='none' migratable='off'>"));
}

TEST(DomainXml, RefusesInputsThatDoNotFitTheTee) {
  struct Case {
    base::Tee tee;
    std::size_t binding, block, authentication;
    const char* message;
  };
  const Case cases[] = {
      {base::Tee::snp, 31, 0, 0, "bh-acme-worker-0: HOST_DATA has 31 bytes, wanted 32"},
      {base::Tee::tdx, 32, 0, 0, "bh-acme-worker-0: MRCONFIGID has 32 bytes, wanted 48"},
      {base::Tee::emulated, 32, 0, 0, "bh-acme-worker-0: HOST_DATA has 32 bytes, wanted 0"},
      {base::Tee::emulated, 0, 96, 4096, "bh-acme-worker-0: an ID block is for tee 'snp' only"},
      {base::Tee::snp, 32, 95, 4096, "bh-acme-worker-0: ID block has 95 bytes, wanted 96"},
      {base::Tee::snp, 32, 96, 4095, "bh-acme-worker-0: ID authentication has 4095 bytes, wanted 4096"},
  };
  for (const Case& wrong : cases) {
    DomainInputs inputs = guest(wrong.tee);
    inputs.security.host_data->resize(wrong.binding);
    if (wrong.block != 0) {
      inputs.security.id_block =
          provisioner::SnpIdBlock{base::Buffer(wrong.block), base::Buffer(wrong.authentication), false};
    }
    try {
      domain_xml(inputs);
      ADD_FAILURE() << wrong.message;
    } catch (const base::Error& error) {
      EXPECT_STREQ(error.what(), wrong.message);
    }
  }
}

}  // namespace
