#include "measurement/td_events.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"
#include "base/json.h"
#include "measurement/boot_variables.h"
#include "measurement/tdx.h"
#include "tests/measurement/pe_builder.h"
#include "tests/measurement/tdvf_image.h"
#include "tests/measurement/tdx_answers.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing::HasSubstr;
using testing_files::read;
using testing_files::vectors;

BankDigests sha384_only(const std::string& hex) {
  return {{}, *base::Sha384::parse(hex)};
}

/// A log of a real TD: what it extended, and the registers of its quote or of an independent replay.
class RealTd : public testing::TestWithParam<std::size_t> {
 protected:
  RealTd() : answers_(known_answers("logs.json")), log_(answers_.array().at(GetParam())) {}

  [[nodiscard]] std::vector<std::string> digests(std::string_view type) const {
    std::vector<std::string> found;
    for (const base::Json& event : log_.at("events").array())
      if (event.at("type").text() == type) found.push_back(event.at("sha384").text());
    return found;
  }
  // ACPI tables, kernel, command line, initrd and variable store of that TD are not at hand: their digests are the
  // log's.
  [[nodiscard]] std::vector<BootEvent> predicted() const {
    FirmwareProfile profile;
    profile.generation = generation_of_release(log_.at("release").text()).value();
    if (log_.at("secureBoot").text() == "zero") profile.secure_boot = SecureBootVariable::zero;
    BootInputs inputs{profile, sha384_only(digests("EV_EFI_BOOT_SERVICES_APPLICATION").at(0)), std::nullopt, "-"};
    const std::vector<std::string> tagged = digests("EV_EVENT_TAG");
    if (tagged.size() > 1) inputs.initrd = sha384_only(tagged[1]);
    for (const std::string& acpi : digests("EV_PLATFORM_CONFIG_FLAGS"))
      inputs.pcr1.push_back(make_event(1, "EV_PLATFORM_CONFIG_FLAGS", "ACPI", Provenance::vm_shape, sha384_only(acpi)));
    for (const BootVariable& variable : direct_boot_variables(profile))
      inputs.pcr1.push_back(make_event(1, "EV_EFI_VARIABLE_BOOT", variable.name, Provenance::firmware_constant,
                                       digests_of(variable.data)));
    TdInputs td{{},
                sections_of(log_.at("sections")),
                base::MiB{static_cast<std::uint64_t>(log_.at("memoryMiB").integer())},
                PlatformInputs{profile, {}}};
    std::vector<BootEvent> events = td_events(td, predict_boot_events(inputs));
    for (BootEvent& event : events)
      if (event.what == "command line") event.sha384 = *base::Sha384::parse(tagged.at(0));
    events.insert(events.begin() + 1, make_event(1, "EV_EFI_PLATFORM_FIRMWARE_BLOB2", "CFV", Provenance::input_file,
                                                 sha384_only(digests("EV_EFI_PLATFORM_FIRMWARE_BLOB2").at(0))));
    return events;
  }

  base::Json answers_;
  const base::Json& log_;
};

TEST_P(RealTd, IsPredictedEventByEvent) {
  const std::vector<BootEvent> events = predicted();
  ASSERT_EQ(events.size(), log_.at("events").array().size());
  for (unsigned index = 0; index < predicted_rtmrs; ++index) {
    std::vector<std::string> got, wanted;
    for (const BootEvent& event : events)
      if (event.pcr == rtmr0_register + index) got.push_back(event.type + " " + event.sha384.hex());
    for (const base::Json& event : log_.at("events").array())
      if (event.at("register").integer() == index)
        wanted.push_back(event.at("type").text() + " " + event.at("sha384").text());
    EXPECT_EQ(got, wanted) << "RTMR" << index;
  }
}

TEST_P(RealTd, FoldsToItsRegisters) {
  const RtmrSets sets = rtmr_sets({base::Tee::tdx, predicted(), {}});
  for (unsigned index = 0; index < predicted_rtmrs; ++index) {
    ASSERT_EQ(sets[index].size(), 1U);
    EXPECT_EQ(sets[index][0].hex(), log_.at("rtmr").array().at(index).text()) << "RTMR" << index;
  }
}

INSTANTIATE_TEST_SUITE_P(Logs, RealTd, testing::Range(std::size_t{0}, std::size_t{4}), [](const auto& index) {
  const base::Json answers = known_answers("logs.json");
  return answers.array().at(index.param).at("name").text();
});

// Four of the constants every log of edk2 has; tdx constants.json of the vectors and real CC event logs.
TEST(BootVariables, AreTheFirmwaresOwnApplications) {
  FirmwareProfile profile;
  const auto digests = [&profile] {
    std::vector<std::string> found;
    for (const BootVariable& variable : direct_boot_variables(profile))
      found.push_back(variable.name + " " + base::sha384(variable.data).hex().substr(0, 16));
    return found;
  };
  EXPECT_THAT(digests(), testing::ElementsAre("BootOrder 1dd6f7b457ad880d", "Boot0000 23ada07f5261f12f"));
  profile.generation = FirmwareGeneration::from_202505;
  EXPECT_THAT(digests(), testing::ElementsAre("BootOrder 52b9a02de946b947", "Boot0000 5068e6a9ded2a1c3",
                                              "Boot0001 dd424f2eeb35f3e8"));
  profile.generation = FirmwareGeneration::from_202605;
  EXPECT_THAT(digests(), testing::IsEmpty());
}

TEST(Constants, AreThoseOfEveryRealLog) {
  const base::Buffer text = read(vectors() / "tdx/constants.json");
  if (text.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const base::Json constants = base::Json::parse(base::text_of(text), "constants");
  const auto sha384 = [](const BootEvent& event) { return event.sha384.hex(); };
  EXPECT_EQ(sha384(separator_event(7)), constants.at("separator").text());
  EXPECT_EQ(sha384(calling_application_event()), constants.at("calling").text());
  EXPECT_EQ(sha384(action_event(4, "Returning from EFI Application from Boot Option")),
            constants.at("returning").text());
  EXPECT_EQ(sha384(exit_boot_services_events().at(0)), constants.at("ebs_inv").text());
  EXPECT_EQ(sha384(exit_boot_services_events().at(1)), constants.at("ebs_ok").text());
  EXPECT_EQ(sha384(with_exit_boot_services_retry(exit_boot_services_events()).at(1)), constants.at("ebs_fail").text());
  PlatformInputs platform;
  platform.profile = {.generation = FirmwareGeneration::from_202505, .fw_cfg_events = FwCfgEvents::measured};
  const std::vector<BootEvent> fw_cfg = fw_cfg_events(platform);
  ASSERT_EQ(fw_cfg.size(), 2U);
  EXPECT_EQ(sha384(fw_cfg[0]), constants.at("bootmenu_0000").text());
  EXPECT_EQ(sha384(fw_cfg[1]), constants.at("bootorder_linuxboot_dma").text());
}

TEST(FwCfgEvents, AreThoseThatExistInTheOrderTheFirmwareReadsThem) {
  PlatformInputs platform;
  platform.profile = {.generation = FirmwareGeneration::from_202605, .fw_cfg_events = FwCfgEvents::measured};
  platform.files = {{"opt/ovmf/X-PciMmio64Mb", {'5', '2'}}, {"etc/extra-pci-roots", base::Buffer(8)}};
  std::vector<std::string> what;
  for (const BootEvent& event : fw_cfg_events(platform)) what.push_back(event.what);
  EXPECT_THAT(what, testing::ElementsAre("fw_cfg: etc/extra-pci-roots", "fw_cfg: BootMenu",
                                         "fw_cfg: opt/ovmf/X-PciMmio64Mb", "fw_cfg: bootorder"));
  platform.profile.generation = FirmwareGeneration::from_202411;
  EXPECT_THAT(fw_cfg_events(platform), testing::IsEmpty());
}

TEST(PlatformEvents, SayWhatIsMissing) {
  PlatformInputs platform;
  platform.profile.generation = FirmwareGeneration::from_202505;
  const auto missing = [&platform] {
    std::vector<std::string> what;
    for (const BootEvent& event : platform_events(platform))
      if (event.provenance == Provenance::unpredictable) what.push_back(event.what);
    return what;
  };
  EXPECT_THAT(missing(), testing::ElementsAre(HasSubstr("etc/acpi/tables"), HasSubstr("etc/smbios/smbios-tables")));
  platform.files.emplace(smbios_tables_file, base::Buffer(8));
  EXPECT_THAT(missing(), testing::ElementsAre(HasSubstr("etc/acpi/tables"), HasSubstr("strings are not known")));
  platform.profile.acpi_events = AcpiEvents::none;
  platform.profile.generation = FirmwareGeneration::before_202411;
  EXPECT_THAT(missing(), testing::IsEmpty());
}

/// Values of RTMR0 that tdx-measure publishes for the Ubuntu firmware of the vectors.
class PublishedRtmr0 : public testing::TestWithParam<std::size_t> {};

TEST_P(PublishedRtmr0, IsWhatIsPredictedFromTheFirmwareAndTheAcpiTables) {
  const base::Buffer firmware = read(vectors() / "tdx/firmware/ubuntu_2025.02-3ubuntu2_OVMF.fd");
  if (firmware.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const base::Json answers = known_answers("rtmr0.json");
  const base::Json& known = answers.array().at(GetParam());
  BootImages images({firmware, {}, std::nullopt});
  const base::Buffer tables = read(vectors() / "tdx/tdx-measure" / known.at("name").text() / "acpi_tables.bin");
  if (!tables.empty()) images.set_fw_cfg_files({{std::string(acpi_tables_file), tables}});
  LaunchConfiguration configuration;
  configuration.tee = base::Tee::tdx;
  configuration.memory = {static_cast<std::uint64_t>(known.at("memoryMiB").integer())};
  TdPrediction predicted = predict_td(configuration, images);
  std::vector<BootEvent>& events = predicted.boot.events;
  const auto unknown =
      std::find_if(events.begin(), events.end(), [](const BootEvent& e) { return e.what.starts_with("ACPI tables"); });
  if (unknown != events.end()) {  // the tables of this one were not kept
    auto at = events.erase(unknown);
    for (const base::Json& digest : known.at("acpi").array())
      at = events.insert(at, make_event(1, "EV_PLATFORM_CONFIG_FLAGS", "ACPI", Provenance::vm_shape,
                                        sha384_only(digest.text()))) +
           1;
  }
  const RtmrSets sets = rtmr_sets(predicted.boot);
  ASSERT_EQ(sets[0].size(), 1U) << unknown_because(predicted.boot, 0);
  EXPECT_EQ(sets[0][0].hex(), known.at("rtmr0").text());
  EXPECT_THAT(sets[1], testing::IsEmpty());
  EXPECT_EQ(unknown_because(predicted.boot, 1), "kernel: not given");
}

INSTANTIATE_TEST_SUITE_P(TdxMeasure, PublishedRtmr0, testing::Range(std::size_t{0}, std::size_t{3}));

// Source: systemd src/boot/stub.c and linux.c; edk2 DxeTpm2MeasureBootLib: the image, the call, one separator, the
// kernel inside while the stub still loads it as an image, ExitBootServices; sections and command line go to RTMR2.
TEST(TdOfAUki, MeasuresTheImageTheKernelInsideAndItsSections) {
  const base::Buffer firmware = testing_files::tdvf_image();
  const std::string kernel = base::text_of(testing_pe::image({{".text", "kernel"}}));
  for (const auto& [stub, loads_image] : {std::pair{"257.13", true}, std::pair{"258", false}}) {
    const base::Buffer uki =
        testing_pe::image({testing_pe::magic(stub), {".linux", kernel}, {".cmdline", "console=ttyS0"}});
    BootImages images({firmware, {}, std::nullopt});
    images.set_firmware_profile(
        {FirmwareGeneration::from_202411, KernelSource::boot_file_first, InitrdWord::suffix, SecureBootVariable::zero});
    LaunchConfiguration configuration;
    configuration.tee = base::Tee::tdx;
    configuration.memory = {2048};
    const TdPrediction predicted = predict_td_of_uki(configuration, images, uki);
    std::vector<std::string> rtmr1, rtmr2;
    for (const BootEvent& event : predicted.boot.events) {
      if (event.pcr == rtmr0_register + 1) rtmr1.push_back(event.type);
      if (event.pcr == rtmr0_register + 2) rtmr2.push_back(event.what);
    }
    std::vector<std::string> wanted{"EV_EFI_BOOT_SERVICES_APPLICATION", "EV_EFI_ACTION", "EV_SEPARATOR"};
    if (loads_image) wanted.emplace_back("EV_EFI_BOOT_SERVICES_APPLICATION");
    wanted.insert(wanted.end(), 2, "EV_EFI_ACTION");
    EXPECT_EQ(rtmr1, wanted) << stub;
    EXPECT_THAT(rtmr2, testing::IsSupersetOf({"section .linux", "section .cmdline", "command line"})) << stub;
    const RtmrSets sets = rtmr_sets(predicted.boot);
    EXPECT_THAT(sets[0], testing::IsEmpty()) << "no ACPI tables were given";
    EXPECT_EQ(sets[1].size(), 2U) << "ExitBootServices may be called again";
    EXPECT_EQ(sets[2].size(), 1U);
  }
}

}  // namespace
}  // namespace measurement
