#include <gmock/gmock.h>

#include "base/json.h"
#include "measurement/gpt.h"
#include "measurement/pe_image.h"
#include "measurement/secure_boot.h"
#include "measurement/uki_events.h"
#include "tests/measurement/inferred_events.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing_files::read;
using testing_files::vectors;

constexpr FirmwareProfile ovmf2608{FirmwareGeneration::from_202505, KernelSource::boot_file_first, InitrdWord::prefix,
                                   SecureBootVariable::undefined};
constexpr FirmwareProfile ovmf2608_secure_boot{FirmwareGeneration::from_202505, KernelSource::boot_file_first,
                                               InitrdWord::prefix, SecureBootVariable::zero};

// Of these boots the kernel, initrd, splash image and os-release are not kept: their digests are taken from the log.
const std::set<std::string> inferred{"unified kernel image", "kernel in the image", "section .linux", "section .osrel",
                                     "section .initrd",      "section .splash",     "initrd"};

struct UkiBoot {
  std::string name, stub, command_line;
  UkiPath path = UkiPath::removable_media;
};

class UkiVector : public testing::TestWithParam<UkiBoot> {
 protected:
  static std::filesystem::path swtpm() { return vectors() / "tdx" / "swtpm"; }
  void SetUp() override {
    const base::Buffer bytes = read(swtpm() / GetParam().name / "eventlog.bin");
    if (bytes.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
    log_ = parse_event_log(bytes);
  }

  [[nodiscard]] Uki uki() const {
    Uki uki{static_cast<unsigned>(std::stoul(GetParam().stub)), GetParam().stub, {}};
    const auto add = [&uki](const char* name, base::Bytes data) {
      uki.sections.push_back({name, base::buffer_of(data)});
    };
    add(".linux", {});
    add(".osrel", {});
    add(".cmdline", base::bytes_of(GetParam().command_line + "\n"));
    add(".initrd", {});
    add(".splash", {});
    if (uki.stub >= 253) add(".uname", base::bytes_of("6.12.117+deb13-cloud-amd64"));
    const base::Buffer stub = read(swtpm() / "inputs" / (GetParam().stub + "-linuxx64.efi.stub"));
    for (const PeSection& section : pe_sections(stub))
      if (section.name == ".sbat" && uki.stub >= 254) add(".sbat", section.raw.first(section.virtual_size));
    return uki;
  }

  [[nodiscard]] std::vector<BootEvent> predicted() const {
    UkiInputs inputs;
    inputs.profile = ovmf2608;
    inputs.path = GetParam().path;
    inputs.uki = uki();
    inputs.initrd = BankDigests{};
    inputs.partition_table = gpt_event(read(swtpm() / "inputs" / "d257.img.first34sectors"));
    if (inputs.path == UkiPath::systemd_boot)
      inputs.loader = {authenticode_digests(read(swtpm() / "inputs" / (GetParam().stub + "-systemd-bootx64.efi"))),
                       inputs.uki.stub, digests_of(base::bytes_of("timeout 0\n"))};
    inputs.pcr1 = firmware_events_of_pcr1();
    inputs.smbios = read(swtpm() / GetParam().name / "smbios_fwcfg.bin");
    return with_digests_of(log_, inferred, with_exit_boot_services_retry(predict_uki_events(inputs)));
  }

  // ACPI, SMBIOS and boot variables are another room's to predict: the seam takes them as they are.
  [[nodiscard]] std::vector<BootEvent> firmware_events_of_pcr1() const {
    std::vector<BootEvent> events;
    for (const LogEvent& event : log_.events)
      if (event.pcr == 1 && event.type != 6)
        events.push_back(
            {1, event_type_name(event.type), "logged", Provenance::vm_shape, *event.sha256, *event.sha384});
    return events;
  }

  EventLog log_;
};

TEST_P(UkiVector, IsPredictedEventByEvent) {
  const auto found = first_difference(predicted(), log_, {1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13});
  EXPECT_FALSE(found.has_value()) << found->text;
}

TEST_P(UkiVector, FoldsToThePcrsOfTheTpm) {
  const base::Buffer text = read(swtpm() / GetParam().name / "pcrs-sha384.json");
  const base::Json pcrs = base::Json::parse(base::text_of(text), "pcrs");
  const PcrValues values = fold(predicted());
  for (const unsigned pcr : {1U, 2U, 3U, 4U, 5U, 7U, 11U})
    EXPECT_EQ(values.sha384.at(pcr).hex(), pcrs.at(std::to_string(pcr)).text()) << "PCR " << pcr;
  // From 262 on the initrd has a secret of the machine in it.
  if (uki().stub < 262)
    EXPECT_EQ(values.sha384.at(9).hex(), pcrs.at("9").text());
  else
    EXPECT_FALSE(values.sha384.contains(9));
}

INSTANTIATE_TEST_SUITE_P(DiskBoots, UkiVector,
                         testing::Values(UkiBoot{"u252", "252", "console=ttyS0 uki=252"},
                                         UkiBoot{"u257", "257", "console=ttyS0 uki=257"},
                                         UkiBoot{"u262", "262", "console=ttyS0 uki=262"},
                                         UkiBoot{"u262nc", "262", "uki=262"},
                                         UkiBoot{"sb262", "262", "console=ttyS0 uki=262", UkiPath::systemd_boot}),
                         [](const auto& boot) { return boot.param.name; });

TEST(SwtpmVectorSboff, WithKeysEnrolledAndSecureBootOffIsPredictedEventByEvent) {
  const base::Buffer bytes = read(vectors() / "tdx/swtpm/sboff/eventlog.bin");
  const base::Buffer store = read(vectors() / "tdx/varstore/OVMF_VARS_4M.ms.fd");
  if (bytes.empty() || store.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const EventLog log = parse_event_log(bytes);
  BootInputs inputs{ovmf2608_secure_boot, {}, BankDigests{}, "console=ttyS0", read_variable_store(store)};
  inputs.variables.variables.push_back({"f0a30bc7-af08-4556-99c4-001009c93a44", "SecureBootEnable", 3, {0}});
  const auto predicted = with_digests_of(log, {"kernel", "initrd"}, predict_boot_events(inputs));
  const auto found = first_difference(predicted, log, {2, 3, 4, 5, 7, 9});
  EXPECT_FALSE(found.has_value()) << found->text;
}

}  // namespace
}  // namespace measurement
