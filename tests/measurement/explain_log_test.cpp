#include "measurement/explain_log.h"

#include <gmock/gmock.h>

#include "base/crypto.h"
#include "base/error.h"
#include "measurement/explain_models.h"
#include "measurement/measure.h"
#include "tests/measurement/known_launch.h"

namespace measurement {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

/// Logs are planted with the predictions that are compared with other people's tools and boots elsewhere.
class ExplainLog : public KnownLaunch {
 protected:
  std::vector<ExplainedDifference> explained(const LaunchCandidate& launched, LogKind kind,
                                             std::optional<unsigned> only = std::nullopt) {
    return explain_log(log_of(launched, kind), kind, planned_, files_, only);
  }
};

TEST_F(ExplainLog, SaysThatEveryEventIsAsPlanned) {
  EXPECT_TRUE(explained(planned_.launch, LogKind::tpm).empty());
  EXPECT_TRUE(explained(planned_.launch, LogKind::cc).empty());
}

TEST_F(ExplainLog, NamesTheEventAndTheLaunchThatHasIt) {
  LaunchCandidate launched = planned_.launch;
  launched.command_line = "console=ttyS0";
  for (const auto& [kind, name] : {std::pair{LogKind::tpm, "PCR 9"}, std::pair{LogKind::cc, "RTMR2"}}) {
    const std::vector<ExplainedDifference> found = explained(launched, kind);
    ASSERT_EQ(found.size(), 1U) << name;
    EXPECT_THAT(found[0].difference.text, StartsWith(std::string(name) + " event 0 (command line): got EV_EVENT_TAG "));
    ASSERT_TRUE(found[0].event.found.has_value());
    EXPECT_EQ(text_of(*found[0].event.found, {planned_}),
              "acme/worker with a command line without the word 'quiet' (planned: with it)");
    EXPECT_EQ(found[0].event.found->reg, "command line");
  }
}

TEST_F(ExplainLog, ExplainsSeveralRegistersOfATd) {
  LaunchCandidate launched = planned_.launch;
  launched.memory = base::MiB{16384};
  launched.initrd = std::nullopt;
  const std::vector<ExplainedDifference> found = explained(launched, LogKind::cc);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].difference.what, "TD hand-off block (memory size)");
  ASSERT_TRUE(found[0].event.found.has_value());
  EXPECT_EQ(text_of(*found[0].event.found, {planned_}), "acme/worker with 16384 MiB of memory (planned 2048 MiB)");
  // The word initrd=initrd is part of the command line.
  EXPECT_EQ(found[1].difference.what, "command line");
  ASSERT_TRUE(found[1].event.found.has_value());
  EXPECT_EQ(text_of(*found[1].event.found, {planned_}), "acme/worker with no initrd (planned: initrd)");
}

TEST_F(ExplainLog, LooksAtTheRegisterInQuestionOnly) {
  LaunchCandidate launched = planned_.launch;
  launched.memory = base::MiB{16384};
  launched.command_line = "debug";
  EXPECT_EQ(explained(launched, LogKind::cc).size(), 2U);
  const auto found = explained(launched, LogKind::cc, 1);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].difference.pcr, 1U);
  EXPECT_TRUE(explained(launched, LogKind::cc, 2).empty());
}

TEST_F(ExplainLog, SaysWhenNoLaunchNearThePlannedOneHasSuchAnEvent) {
  LaunchCandidate launched = planned_.launch;
  launched.command_line = "something else";
  const auto found = explained(launched, LogKind::tpm);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].event.found.has_value());
  EXPECT_GT(found[0].event.tried, 100U);
}

TEST_F(ExplainLog, HoldsPlaceForAcpiTablesThatAreNotGiven) {
  EventLog log = log_of(planned_.launch, LogKind::cc);
  for (LogEvent& event : log.events)
    if (event.type == ev_platform_config_flags) event.data = base::buffer_of(base::bytes_of("ACPI DATA"));
  planned_.launch.tables = std::nullopt;
  EXPECT_TRUE(explain_log(log, LogKind::cc, planned_, files_).empty());
}

TEST_F(ExplainLog, WantsALogOfItsKind) {
  const EventLog log = log_of(planned_.launch, LogKind::cc);
  planned_.launch.kernel = std::nullopt;
  EXPECT_THAT([&] { (void)explain_log(log, LogKind::tpm, planned_, files_); },
              ThrowsMessage<base::Error>(HasSubstr("wanted a launch with a kernel")));
}

// A boot of an OVMF with another layout and another kernel, by confidential-containers/trustee.
TEST_F(ExplainLog, OfSomebodyElsesTdDiffersInEveryRegister) {
  const base::Buffer bytes = testing_files::read(testing_files::vectors() / "ccel/trustee_CCEL_data_ovmf");
  planned_.launch.tables = std::nullopt;
  const auto found = explain_log(parse_event_log(bytes), LogKind::cc, planned_, files_);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(found[0].difference.text, StartsWith("RTMR0 event 0 (TD hand-off block (memory size)): got "));
  EXPECT_THAT(found[1].difference.text, StartsWith("RTMR1 event 0 (kernel): got EV_EFI_BOOT_SERVICES_APPLICATION "));
  EXPECT_THAT(found[2].difference.text, StartsWith("RTMR2 event 0 (command line): got EV_EVENT_TAG "));
  for (const ExplainedDifference& one : found) EXPECT_FALSE(one.event.found.has_value()) << one.difference.text;
}

TEST_F(ExplainLog, TellsTheRegisterThatHasADigest) {
  const EventLog log = log_of(planned_.launch, LogKind::tpm);
  const PcrValues values = replay(log);
  EXPECT_EQ(register_with_digest(log, values.sha256.at(9).view()), 9U);
  EXPECT_EQ(register_with_digest(log, values.sha384.at(4).view()), 4U);
  EXPECT_EQ(register_with_digest(log, base::Sha256{}.view()), std::nullopt);
}

// A kernel is any EFI program here; the PCRs are planted with measure() itself.
TEST(ExplainPcr, FindsCommandLineMemoryAndInitrd) {
  const base::Buffer firmware = testing_files::read(testing_files::vectors() / "snp/debian/OVMF.amdsev.fd");
  const base::Buffer kernel =
      testing_files::read(testing_files::vectors() / "tdx/swtpm/inputs/252-systemd-bootx64.efi");
  if (firmware.empty() || kernel.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  const base::Buffer initrd(5000, 7);
  const KnownFiles files{{{"OVMF.fd", firmware, base::sha256(firmware)}},
                         {{"vmlinuz", kernel, base::sha256(kernel)}},
                         {{"initrd", initrd, base::sha256(initrd)}}};
  PlannedLaunch planned{"acme/worker/0", {}};
  planned.launch.kernel = planned.launch.initrd = 0;
  planned.launch.command_line = "console=ttyS0 quiet";
  planned.launch.memory = base::MiB{1024};
  planned.launch.hypervisor = {10, 0};
  LaunchConfiguration launched;
  launched.hypervisor = {10, 0};
  launched.memory = base::MiB{1024};
  struct Planted {
    std::string command_line;
    bool initrd;
    unsigned pcr;
    std::string text;
  };
  const Planted table[] = {
      {"console=ttyS0", true, 9, "acme/worker/0 with a command line without the word 'quiet' (planned: with it)"},
      {"console=ttyS0 quiet ", true, 9, "acme/worker/0 with a command line with a trailing blank (planned: without)"},
      {"console=ttyS0 quiet", false, 9, "acme/worker/0 with no initrd (planned: initrd)"},
      {"console=ttyS0 quiet", true, 4, "acme/worker/0, as planned"}};
  const auto model = tpm_model(boots_of(files));
  for (const Planted& planted : table) {
    launched.command_line = planted.command_line;
    launched.initrd = planted.initrd ? std::optional(BootFile{}) : std::nullopt;
    const BootBytes bytes{firmware, kernel, planted.initrd ? std::optional<base::Bytes>(initrd) : std::nullopt};
    const auto values = std::get<TpmReferenceValues>(measure(launched, bytes));
    const SearchResult result = explain_digest(values.pcrs.sha384.at(planted.pcr).view(), {planned}, files, *model);
    ASSERT_TRUE(result.found.has_value()) << planted.text;
    EXPECT_EQ(text_of(*result.found, {planned}), planted.text);
    EXPECT_EQ(result.found->reg, "PCR " + std::to_string(planted.pcr) + " (SHA-384)");
  }
}

TEST(ExplainPcr, SaysWhenThePlannedLaunchCannotBePredicted) {
  const base::Buffer nothing(100);
  const KnownFiles files{{{"OVMF.fd", nothing, {}}}, {{"vmlinuz", nothing, {}}}, {}};
  PlannedLaunch planned{"the launch", {}};
  planned.launch.kernel = 0;
  const auto model = tpm_model(boots_of(files));
  const SearchResult result = explain_digest(base::Sha256{}.view(), {planned}, files, *model);
  ASSERT_EQ(result.impossible.size(), 1U);
  EXPECT_THAT(result.impossible[0], HasSubstr("the launch: firmware"));
}

}  // namespace
}  // namespace measurement
