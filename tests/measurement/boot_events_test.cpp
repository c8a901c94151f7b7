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
  for (BootEvent& event : predicted) event.what.clear();
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
