#include <gmock/gmock.h>

#include <algorithm>

#include "base/crypto.h"
#include "measurement/measure.h"
#include "measurement/tdx.h"
#include "provisioner/domain_xml.h"
#include "provisioner/intent.h"
#include "tests/measurement/firmware_image.h"
#include "tests/measurement/tdvf_image.h"

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

using measurement::testing_files::put;

/// A bzImage that is also an EFI program, as small as both parsers take it.
base::Buffer kernel() {
  base::Buffer bytes(0x1000);
  put(bytes, 0, 0x5a4d, 2);
  put(bytes, 0x3c, 0x40, 4);
  put(bytes, 0x40, 0x4550, 4);
  put(bytes, 0x54, 0xf0, 2);
  put(bytes, 0x58, 0x20b, 2);
  put(bytes, 0x58 + 60, 0x800, 4);
  put(bytes, 0x58 + 108, 16, 4);
  put(bytes, 0x1fe, 0xaa55, 2);
  put(bytes, 0x202, 0x53726448, 4);
  put(bytes, 0x206, 0x20f, 2);
  put(bytes, 0x211, 1, 1);
  put(bytes, 0x22c, 0x7fffffff, 4);
  return bytes;
}

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
                kernel(),
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
  inputs.host_data = base::Buffer(configuration.tee == base::Tee::snp   ? 32
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
    Where::only_xml, "a TD measures it through the ACPI and SMBIOS tables, which the prediction is given"};
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
               cpuid_signature, hypervisor, tdx_page_order, processor_id] = configuration;
  const auto names = {"vcpus",      "cpu_model",      "memory",       "machine",    "firmware",
                      "kernel",     "initrd",         "command_line", "snp_policy", "cpuid_signature",
                      "hypervisor", "tdx_page_order", "processor_id"};
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
}

}  // namespace
}  // namespace provisioner
