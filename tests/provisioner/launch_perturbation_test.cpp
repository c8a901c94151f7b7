#include <gmock/gmock.h>

#include <algorithm>

#include "base/crypto.h"
#include "measurement/measure.h"
#include "measurement/platform_events.h"
#include "measurement/tdx.h"
#include "provisioner/domain_xml.h"
#include "provisioner/intent.h"
#include "provisioner/qemu_tables.h"
#include "provisioner/resources.h"
#include "provisioner/temporary_directory.h"
#include "tests/measurement/firmware_image.h"
#include "tests/measurement/kernel_image.h"
#include "tests/measurement/tdvf_image.h"
#include "tests/provisioner/installed_qemu.h"
#include "tests/provisioner/sample_tenant.h"

/// Whatever a launch configuration says must be seen twice: by the owner in the reference values and by the hypervisor
/// in the domain XML. A field that is seen once or never has its reason here.
namespace provisioner {
namespace {

using measurement::BootFile;
using measurement::LaunchConfiguration;

/// A launch and the bytes of its files.
struct Launch {
  LaunchConfiguration configuration;
  base::Buffer firmware, kernel, initrd;
};

using measurement::testing_files::kernel_image;
using measurement::testing_files::put;

/// A boot volume of two pages, a hand-off block and temporary memory.
base::Buffer td_firmware() {
  return measurement::testing_files::tdvf_image(
      {{0, 0x2000, 0xffffe000, 0x2000, 0, 1}, {0, 0, 0x809000, 0x2000, 2, 0}, {0, 0, 0x80b000, 0x1000, 3, 2}});
}

/// One processor (type 4) and the end.
base::Buffer smbios() {
  base::Buffer tables(0x30 + 2 + 6);
  put(tables, 0, 0x3004, 2);
  put(tables, 0x32, 0x047f, 2);
  return tables;
}

Launch planned(base::Tee tee) {
  Launch launch{{},
                tee == base::Tee::tdx ? td_firmware() : measurement::firmware_image::firmware(),
                kernel_image(),
                base::Buffer(0x2000, 7)};
  launch.configuration.tee = tee;
  launch.configuration.vcpus = 2;
  launch.configuration.cpu_model = "EPYC-Milan";
  launch.configuration.memory = {1024};
  launch.configuration.machine = "pc-q35-9.2";
  launch.configuration.initrd = BootFile{};
  launch.configuration.command_line = "console=ttyS0";
  return launch;
}

/// As `plan` names boot files: by role and content.
BootFile stored(FileRole role, const base::Buffer& bytes) {
  const base::Sha256 digest = base::sha256(bytes);
  return {ImageFile{role, digest}.stored_name(), digest};
}

struct Seen {
  std::string reference_values, xml;
};

/// The ACPI tables of a TD are an input of its prediction; without them RTMR0 is unknown, but its other events are not.
std::string values_of(const LaunchConfiguration& configuration, measurement::BootImages& images) {
  if (configuration.tee != base::Tee::tdx) return reference_values_json(measure(configuration, images)).compact();
  const measurement::TdPrediction predicted = predict_td(configuration, images);
  return predicted.mrtd.hex() + base::Json(measurement::events_json(predicted.boot.events)).compact();
}

Seen seen(Launch launch) {
  LaunchConfiguration& configuration = launch.configuration;
  configuration.firmware = stored(FileRole::firmware, launch.firmware);
  configuration.kernel = stored(FileRole::kernel, launch.kernel);
  if (configuration.initrd) configuration.initrd = stored(FileRole::initrd, launch.initrd);
  measurement::BootImages images({launch.firmware, launch.kernel,
                                  configuration.initrd ? std::optional<base::Bytes>(launch.initrd) : std::nullopt});
  images.set_firmware_profile({.generation = measurement::FirmwareGeneration::from_202505,
                               .kernel_source = measurement::KernelSource::boot_file_first,
                               .initrd_word = measurement::InitrdWord::suffix,
                               .secure_boot = measurement::SecureBootVariable::undefined,
                               .bios = measurement::BiosStrings{"EDK II", "unknown", "02/02/2022"}});
  images.set_fw_cfg_files({{std::string(measurement::smbios_tables_file), smbios()}});
  DomainInputs inputs;
  inputs.launch = configuration;
  inputs.security.host_data = base::Buffer(configuration.tee == base::Tee::snp   ? 32
                                           : configuration.tee == base::Tee::tdx ? 48
                                                                                 : 0);
  return {values_of(configuration, images), domain_xml(inputs)};
}

/// In which of the two a change must be seen.
enum class Where { both, only_xml, only_reference_values, nowhere };
const char* name_of(Where where) {
  constexpr const char* names[] = {"both", "only the XML", "only the reference values", "nowhere"};
  return names[static_cast<unsigned>(where)];
}

struct Expectation {
  Where where = Where::both;
  const char* reason = "";  ///< why the change is not seen in both
};
constexpr Expectation both;
constexpr Expectation unmeasured_by_snp{Where::only_xml, "SNP measures neither memory, machine nor devices"};
constexpr Expectation machine_shape{Where::only_xml,
                                    "the PCRs in scope hold the boot's files; vCPUs are in PCR 0 and 1 only"};
constexpr Expectation in_given_tables{
    Where::only_xml, "a TD measures it through the tables of QEMU, which the prediction is given: TdShape has them"};
constexpr Expectation firmware_file{
    Where::only_xml,
    "a TPM's log names the generation only; the firmware's identity is its file's SHA-256, checked before the start"};
constexpr Expectation explicit_signature{Where::only_reference_values,
                                         "stands for a model whose signature nobody knows; no tenant file sets it"};
constexpr Expectation fact_of_the_host{Where::only_reference_values,
                                       "a fact about the host, not a wish: a domain cannot ask for it"};
constexpr Expectation unseen_release{Where::nowhere, "SNP measures none of what differs between QEMU's releases"};
constexpr Expectation other_tee{Where::nowhere, "means something for another tee only"};

struct Change {
  const char* field;
  void (*apply)(Launch&);
  Expectation emulated, snp, tdx;
  [[nodiscard]] const Expectation& of(base::Tee tee) const {
    return tee == base::Tee::emulated ? emulated : tee == base::Tee::snp ? snp : tdx;
  }
};

const Change changes[] = {
    {"vcpus", [](Launch& l) { l.configuration.vcpus = 4; }, machine_shape, both, in_given_tables},
    {"cpu_model", [](Launch& l) { l.configuration.cpu_model = "EPYC-Genoa"; }, machine_shape, both, in_given_tables},
    {"memory", [](Launch& l) { l.configuration.memory = {2048}; }, both, unmeasured_by_snp, both},
    {"machine", [](Launch& l) { l.configuration.machine = "pc-q35-10.0"; }, both, unmeasured_by_snp, both},
    {"firmware", [](Launch& l) { l.firmware[0] ^= 1U; }, firmware_file, both, both},
    {"kernel", [](Launch& l) { l.kernel.back() ^= 1U; }, both, both, both},
    {"initrd", [](Launch& l) { l.initrd.back() ^= 1U; }, both, both, both},
    {"no initrd", [](Launch& l) { l.configuration.initrd.reset(); }, both, both, both},
    {"command_line", [](Launch& l) { l.configuration.command_line += " "; }, both, both, both},
    {"snp_policy", [](Launch& l) { l.configuration.snp_policy = 0xb0000; }, other_tee, both, other_tee},
    {"cpuid_signature", [](Launch& l) { l.configuration.cpuid_signature = 0xa10f11; }, other_tee, explicit_signature,
     other_tee},
    {"hypervisor", [](Launch& l) { l.configuration.hypervisor = measurement::HypervisorVersion{10, 0}; },
     fact_of_the_host, unseen_release, fact_of_the_host},
    {"tdx_page_order", [](Launch& l) { l.configuration.tdx_page_order = measurement::PageOrder::two_pass; }, other_tee,
     other_tee, fact_of_the_host},
    {"vmm", [](Launch& l) { l.configuration.vmm = "qemu-legacy"; }, other_tee, fact_of_the_host, other_tee},
    {"processor_id", [](Launch& l) { l.configuration.processor_id = measurement::ProcessorId{1}; }, other_tee,
     other_tee, fact_of_the_host},
};

Where compare(const Seen& before, const Seen& after) {
  const bool values = before.reference_values != after.reference_values;
  const bool xml = before.xml != after.xml;
  return values && xml ? Where::both : values ? Where::only_reference_values : xml ? Where::only_xml : Where::nowhere;
}

class LaunchPerturbation : public testing::TestWithParam<base::Tee> {};

TEST_P(LaunchPerturbation, IsSeenInReferenceValuesAndDomainXmlOrHasAReason) {
  const Seen before = seen(planned(GetParam()));
  for (const Change& change : changes) {
    Launch launch = planned(GetParam());
    change.apply(launch);
    const Expectation& wanted = change.of(GetParam());
    const std::string reason = wanted.reason;
    EXPECT_STREQ(name_of(compare(before, seen(launch))), name_of(wanted.where)) << change.field << ": " << reason;
    EXPECT_EQ(wanted.where == Where::both, reason.empty()) << change.field;
  }
}
INSTANTIATE_TEST_SUITE_P(Tee, LaunchPerturbation, testing::Values(base::Tee::emulated, base::Tee::snp, base::Tee::tdx),
                         [](const auto& tee) { return std::string(base::name_of(tee.param)); });

TEST(LaunchFields, SayTheTeeInBoth) {
  EXPECT_EQ(compare(seen(planned(base::Tee::emulated)), seen(planned(base::Tee::snp))), Where::both);
}

// A new field does not compile here until it is in the table above.
TEST(LaunchFields, AreAllPerturbed) {
  const LaunchConfiguration configuration;
  const auto& [tee, vcpus, cpu_model, memory, machine, firmware, kernel_file, initrd, command_line, snp_policy,
               cpuid_signature, hypervisor, tdx_page_order, processor_id, vmm] = configuration;
  const auto names = {"vcpus",      "cpu_model",      "memory",       "machine",    "firmware",
                      "kernel",     "initrd",         "command_line", "snp_policy", "cpuid_signature",
                      "hypervisor", "tdx_page_order", "processor_id", "vmm"};
  for (const std::string name : names)
    EXPECT_TRUE(std::ranges::any_of(changes, [&](const Change& change) { return name == change.field; })) << name;
  EXPECT_EQ(tee, base::Tee::emulated);
  EXPECT_EQ(vcpus, 1U);
  EXPECT_TRUE(cpu_model.empty() && firmware.path.empty() && kernel_file.path.empty() && command_line.empty());
  EXPECT_EQ(memory.count, 0U);
  EXPECT_EQ(machine, "q35");
  EXPECT_FALSE(initrd || cpuid_signature || processor_id);
  EXPECT_EQ(tdx_page_order, measurement::PageOrder::single_pass);
  EXPECT_EQ(snp_policy, 0x30000U);
  EXPECT_EQ(hypervisor.major, 0U);
  EXPECT_EQ(vmm, "qemu");
}

/// The digest of the table events of a TD of that shape, from the tables of the installed QEMU.
std::string table_events(const LaunchConfiguration& launch, const GuestDevices& devices) {
  const TemporaryDirectory cache;
  const QemuTables tables =
      cached_qemu_tables(tables_request(testing_qemu::program(), shape_of(launch, devices)), cache.path());
  measurement::PlatformInputs inputs;
  inputs.files = tables.files;
  std::string events;
  for (const measurement::BootEvent& event : measurement::platform_events(inputs))
    events += event.what + " " + event.sha384.hex() + "\n";
  return events;
}

// What RTMR0 holds of the machine comes from QEMU itself.
TEST(TdShape, IsSeenInTheTablesOfTheInstalledQemu) {
  if (testing_qemu::version().empty()) GTEST_SKIP() << "no " << testing_qemu::program();
  LaunchConfiguration launch = planned(base::Tee::tdx).configuration;
  launch.machine = "q35";
  launch.cpu_model = "host";
  const std::string before = table_events(launch, {true, 2});
  EXPECT_EQ(table_events(launch, {true, 2}), before);
  EXPECT_NE(table_events(launch, {true, 3}), before) << "a data volume more";
  for (const auto& [field, change] :
       {std::pair<const char*, void (*)(LaunchConfiguration&)>{"vcpus", [](LaunchConfiguration& l) { l.vcpus = 4; }},
        {"memory", [](LaunchConfiguration& l) { l.memory = {3072}; }}}) {
    LaunchConfiguration changed = launch;
    change(changed);
    EXPECT_NE(table_events(changed, {true, 2}), before) << field;
  }
}

/// One change of what a guest's initdata says.
struct InitdataChange {
  const char* field;
  void (*apply)(tenants::Tenant&);
};
const InitdataChange initdata_changes[] = {
    {"tenant, and with it the MAC address", [](tenants::Tenant& t) { t.name.value = "globex"; }},
    {"address",
     [](tenants::Tenant& t) {
       t.pools.control.addresses = {{*tenants::Ipv4::parse("10.20.0.77"), {}},
                                    {*tenants::Ipv4::parse("10.20.0.78"), {}}};
     }},
    {"gateway", [](tenants::Tenant& t) { t.networks[0].cidr.value = *tenants::Cidr::parse("10.0.0.0/8"); }},
    {"service address", [](tenants::Tenant& t) { t.owners[0].attestation->url.value.host = "10.20.255.2"; }},
    {"service port", [](tenants::Tenant& t) { t.owners[0].attestation->url.value.port = 9443; }},
    {"service CA", [](tenants::Tenant& t) { t.owners[0].attestation->ca.value = "other-ca.pem"; }},
};

struct BoundGuest {
  base::Sha256 initdata;
  std::string xml;
};
BoundGuest first_guest(const tenants::Tenant& tenant) {
  IntentSources sources = sample::sources();
  sources.read = [read = sources.read](const std::string& path) {
    return path == "other-ca.pem" ? "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n" : read(path);
  };
  Intent intent = make_intent(tenant, sample::site_host(), sources);
  // Only what the XML says of the launch and of what is bound to it: names of the tenant are elsewhere in it.
  const std::string xml = launch_security_xml(launch_security_of(intent, intent.guests[0]), "guest") +
                          intent.guests[0].launch->command_line;
  return {intent.guests[0].initdata_sha256, xml};
}

class InitdataPerturbation : public testing::TestWithParam<base::Tee> {};

// HOST_DATA of SNP, MRCONFIGID of TDX, a word of the measured command line when emulated.
TEST_P(InitdataPerturbation, IsSeenInItsDigestAndInWhatTheDomainBinds) {
  tenants::Tenant tenant = sample::tenant();
  tenant.tee.value = GetParam();
  const BoundGuest before = first_guest(tenant);
  for (const InitdataChange& change : initdata_changes) {
    tenants::Tenant changed = tenant;
    change.apply(changed);
    const BoundGuest after = first_guest(changed);
    EXPECT_NE(after.initdata, before.initdata) << change.field;
    EXPECT_NE(after.xml, before.xml) << change.field;
  }
}
INSTANTIATE_TEST_SUITE_P(Tee, InitdataPerturbation,
                         testing::Values(base::Tee::emulated, base::Tee::snp, base::Tee::tdx),
                         [](const auto& tee) { return std::string(base::name_of(tee.param)); });

}  // namespace
}  // namespace provisioner
