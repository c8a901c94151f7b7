#include <gmock/gmock.h>

#include <algorithm>

#include "base/crypto.h"
#include "measurement/measure.h"
#include "provisioner/domain_xml.h"
#include "provisioner/intent.h"
#include "tests/measurement/firmware_image.h"

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

void put(base::Buffer& to, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

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

Launch planned(base::Tee tee) {
  Launch launch{{}, measurement::firmware_image::firmware(), kernel(), base::Buffer(0x2000, 7)};
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

Seen seen(Launch launch) {
  LaunchConfiguration& configuration = launch.configuration;
  configuration.firmware = stored(FileRole::firmware, launch.firmware);
  configuration.kernel = stored(FileRole::kernel, launch.kernel);
  if (configuration.initrd) configuration.initrd = stored(FileRole::initrd, launch.initrd);
  measurement::BootImages images({launch.firmware, launch.kernel,
                                  configuration.initrd ? std::optional<base::Bytes>(launch.initrd) : std::nullopt});
  images.set_firmware_profile({measurement::FirmwareGeneration::from_202411, measurement::KernelSource::boot_file_first,
                               measurement::InitrdWord::suffix, measurement::SecureBootVariable::undefined});
  DomainInputs inputs;
  inputs.launch = configuration;
  inputs.host_data = base::Buffer(configuration.tee == base::Tee::snp ? 32 : 0);
  return {reference_values_json(measure(configuration, images)).compact(), domain_xml(inputs)};
}

/// In which of the two a change must be seen.
enum class Where { both, only_xml, only_reference_values, nowhere };
const char* name_of(Where where) {
  constexpr const char* names[] = {"both", "only the XML", "only the reference values", "nowhere"};
  return names[static_cast<unsigned>(where)];
}

/// Why a field is not seen in both.
constexpr const char* none = "";
constexpr const char* unmeasured_by_snp = "SNP measures neither memory, machine nor devices (docs/limits.md)";
constexpr const char* vcpu_state = "the PCRs in scope hold the boot's files; vCPUs and memory are in PCR 0 and 1";
constexpr const char* firmware_file =
    "a TPM's log names the generation only; the firmware's identity is its file's SHA-256, checked before the start";
constexpr const char* explicit_signature = "stands for a model whose signature nobody knows; no tenant file sets it";
constexpr const char* fact_of_the_host = "a fact about the host, not a wish: a domain cannot ask for a QEMU release";
constexpr const char* other_tee = "means something for another tee only";

struct Change {
  const char* field;
  void (*apply)(Launch&);
  Where emulated;
  const char* emulated_reason;
  Where snp;
  const char* snp_reason;
};

const Change changes[] = {
    {"vcpus", [](Launch& l) { l.configuration.vcpus = 4; }, Where::only_xml, vcpu_state, Where::both, none},
    {"cpu_model", [](Launch& l) { l.configuration.cpu_model = "EPYC-Genoa"; }, Where::only_xml, vcpu_state, Where::both,
     none},
    {"memory", [](Launch& l) { l.configuration.memory = {2048}; }, Where::both, none, Where::only_xml,
     unmeasured_by_snp},
    {"machine", [](Launch& l) { l.configuration.machine = "pc-q35-10.0"; }, Where::both, none, Where::only_xml,
     unmeasured_by_snp},
    {"firmware", [](Launch& l) { l.firmware[0] ^= 1U; }, Where::only_xml, firmware_file, Where::both, none},
    {"kernel", [](Launch& l) { l.kernel.back() ^= 1U; }, Where::both, none, Where::both, none},
    {"initrd", [](Launch& l) { l.initrd.back() ^= 1U; }, Where::both, none, Where::both, none},
    {"no initrd", [](Launch& l) { l.configuration.initrd.reset(); }, Where::both, none, Where::both, none},
    {"command_line", [](Launch& l) { l.configuration.command_line += " "; }, Where::both, none, Where::both, none},
    {"snp_policy", [](Launch& l) { l.configuration.snp_policy = 0xb0000; }, Where::nowhere, other_tee, Where::both,
     none},
    {"cpuid_signature", [](Launch& l) { l.configuration.cpuid_signature = 0xa10f11; }, Where::nowhere, other_tee,
     Where::only_reference_values, explicit_signature},
    {"hypervisor",
     [](Launch& l) {
       l.configuration.hypervisor = measurement::HypervisorVersion{10, 0};
     },
     Where::only_reference_values, fact_of_the_host, Where::nowhere, fact_of_the_host},
    {"tdx_page_order", [](Launch& l) { l.configuration.tdx_page_order = measurement::PageOrder::two_pass; },
     Where::nowhere, other_tee, Where::nowhere, other_tee},
    {"processor_id", [](Launch& l) { l.configuration.processor_id.emplace(); }, Where::nowhere, other_tee,
     Where::nowhere, other_tee},
};

Where compare(const Seen& before, const Seen& after) {
  const bool values = before.reference_values != after.reference_values;
  const bool xml = before.xml != after.xml;
  return values && xml ? Where::both : values ? Where::only_reference_values : xml ? Where::only_xml : Where::nowhere;
}

class LaunchPerturbation : public testing::TestWithParam<base::Tee> {};

TEST_P(LaunchPerturbation, IsSeenInReferenceValuesAndDomainXmlOrHasAReason) {
  const bool snp = GetParam() == base::Tee::snp;
  const Seen before = seen(planned(GetParam()));
  for (const Change& change : changes) {
    Launch launch = planned(GetParam());
    change.apply(launch);
    const Where wanted = snp ? change.snp : change.emulated;
    const std::string reason = snp ? change.snp_reason : change.emulated_reason;
    EXPECT_STREQ(name_of(compare(before, seen(launch))), name_of(wanted)) << change.field << ": " << reason;
    EXPECT_EQ(wanted == Where::both, reason.empty()) << change.field;
  }
}
INSTANTIATE_TEST_SUITE_P(Tee, LaunchPerturbation, testing::Values(base::Tee::emulated, base::Tee::snp),
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
