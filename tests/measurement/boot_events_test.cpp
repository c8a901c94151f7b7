#include "measurement/boot_events.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/error.h"
#include "tests/measurement/recorded_boot.h"

namespace measurement {
namespace {

struct Profiled {
  std::string file;
  FirmwareProfile profile;
};

constexpr FirmwareProfile debian12{FirmwareGeneration::before_202411, KernelSource::legacy_items, InitrdWord::suffix,
                                   SecureBootVariable::zero};
constexpr FirmwareProfile debian13{FirmwareGeneration::from_202411, KernelSource::boot_file_first, InitrdWord::suffix,
                                   SecureBootVariable::undefined};

BankDigests kernel_of(const RecordedBoot& boot) {
  const auto kernel = std::find_if(boot.events.begin(), boot.events.end(), [](const BootEvent& event) {
    return event.type == "EV_EFI_BOOT_SERVICES_APPLICATION";
  });
  return {kernel->sha256, kernel->sha384};
}

class RealBoot : public testing::TestWithParam<Profiled> {};

TEST_P(RealBoot, ExtendedThePredictedEventsInThePredictedOrder) {
  const RecordedBoot boot = read_boot(GetParam().file);
  std::vector<BootEvent> predicted =
      predict_boot_events({GetParam().profile, kernel_of(boot), boot.initrd, boot.command_line});
  for (BootEvent& event : predicted) {
    event.what.clear();
    event.provenance = Provenance::unpredictable;
  }
  EXPECT_EQ(predicted, boot.events);
}

TEST_P(RealBoot, EndedWithThePredictedPcrsOfBothBanks) {
  const RecordedBoot boot = read_boot(GetParam().file);
  const PcrValues predicted =
      fold(predict_boot_events({GetParam().profile, kernel_of(boot), boot.initrd, boot.command_line}));
  ASSERT_EQ(boot.pcrs.sha256.size(), 6U);
  EXPECT_EQ(predicted, boot.pcrs);
}

INSTANTIATE_TEST_SUITE_P(Recorded, RealBoot,
                         testing::Values(Profiled{"debian12-kernel6.12.txt", debian12},
                                         Profiled{"debian12-kernel6.1.txt", debian12},
                                         Profiled{"debian13-kernel6.12.txt", debian13}));

TEST(BootEvents, NameWhereEachDigestComesFrom) {
  std::vector<std::string> names;
  for (const BootEvent& event : predict_boot_events({debian12, {}, BankDigests{}, "console=ttyS0"}))
    names.push_back(event.what);
  EXPECT_THAT(names, testing::IsSupersetOf({"kernel", "command line", "initrd", "SecureBoot variable",
                                            "PK variable (not set)", "firmware constant: separator"}));
}

TEST(BootEvents, SayWhatEachDigestFollowsFrom) {
  for (const BootEvent& event : predict_boot_events({debian12, {}, BankDigests{}, "console=ttyS0"})) {
    const bool from_a_file = event.what == "kernel" || event.what == "command line" || event.what == "initrd";
    EXPECT_EQ(event.provenance, from_a_file ? Provenance::input_file : Provenance::firmware_constant) << event.what;
  }
}

TEST(BootEvents, OfUnpredictableDigestGiveTheirRegisterNoValue) {
  std::vector<BootEvent> events = predict_boot_events({debian12, {}, BankDigests{}, "console=ttyS0"});
  events.push_back({9, "EV_EVENT_TAG", "a random secret", Provenance::unpredictable, {}, {}});
  const PcrValues values = fold(events);
  EXPECT_FALSE(values.sha256.contains(9));
  EXPECT_FALSE(values.sha384.contains(9));
  EXPECT_TRUE(values.sha256.contains(4));
}

TEST(BootEvents, OfARetriedExitBootServicesHaveTheFailureFirst) {
  const std::vector<BootEvent> events = predict_boot_events({debian12, {}, BankDigests{}, "console=ttyS0"});
  const std::vector<BootEvent> retried = with_exit_boot_services_retry(events);
  ASSERT_EQ(retried.size(), events.size() + 2);
  std::vector<std::string> last;
  for (std::size_t i = retried.size() - 4; i < retried.size(); ++i) last.push_back(retried[i].what.substr(19));
  EXPECT_THAT(last, testing::ElementsAre("Exit Boot Services Invocation", "Exit Boot Services Returned with Failure",
                                         "Exit Boot Services Invocation", "Exit Boot Services Returned with Success"));
}

TEST(BootEvents, HavePcr1WhereItIsGiven) {
  BootInputs inputs{debian12, {}, BankDigests{}, "console=ttyS0"};
  inputs.pcr1 = {make_event(1, "EV_PLATFORM_CONFIG_FLAGS", "ACPI", Provenance::vm_shape, {}), separator_event(1)};
  const std::vector<BootEvent> events = predict_boot_events(inputs);
  EXPECT_EQ(events.size(), predict_boot_events({debian12, {}, BankDigests{}, "console=ttyS0"}).size() + 2);
  EXPECT_TRUE(fold(events).sha256.contains(1));
}

TEST(Provenance, NamesAreReadBack) {
  for (const Provenance provenance :
       {Provenance::input_file, Provenance::vm_shape, Provenance::firmware_constant, Provenance::unpredictable})
    EXPECT_EQ(provenance_named(name_of(provenance)), provenance);
  EXPECT_EQ(provenance_named("hearsay"), std::nullopt);
}

TEST(BootEvents, HaveNoInitrdEventWithoutAnInitrd) {
  for (const BootEvent& event : predict_boot_events({debian12, {}, std::nullopt, "console=ttyS0"}))
    EXPECT_NE(event.what, "initrd");
}

TEST(BootEvents, RefuseACommandLineThatIsNotPrintableAscii) {
  EXPECT_THROW(predict_boot_events({debian12, {}, std::nullopt, ""}), base::Error);
  EXPECT_THROW(predict_boot_events({debian12, {}, std::nullopt, "console=ttyS0\n"}), base::Error);
  EXPECT_THROW(predict_boot_events({debian12, {}, std::nullopt, "name=\xc3\xa9"}), base::Error);
}

}  // namespace
}  // namespace measurement
