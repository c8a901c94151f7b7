#include "measurement/explain_log.h"

#include <gmock/gmock.h>

#include "base/crypto.h"
#include "base/error.h"
#include "measurement/explain_models.h"
#include "measurement/measure.h"
#include "tests/measurement/recorded_boot.h"

namespace measurement {
namespace {

using testing::HasSubstr;

/// The log of a boot that was recorded: what its TPM extended.
EventLog log_of(const RecordedBoot& boot) {
  EventLog log;
  log.algorithms = {0x0b, 0x0c};
  for (const BootEvent& event : boot.events) {
    LogEvent entry;
    entry.pcr = event.pcr;
    entry.type = 1;  // any but EV_NO_ACTION
    entry.sha256 = event.sha256;
    entry.sha384 = event.sha384;
    log.events.push_back(entry);
  }
  return log;
}

/// The same boot with another command line.
std::vector<BootEvent> with_command_line(const RecordedBoot& boot, const std::string& text) {
  std::vector<BootEvent> events = boot.events;
  for (BootEvent& event : events) event.provenance = Provenance::input_file;
  const auto in_pcr9 = [](const BootEvent& event) { return event.pcr == 9; };
  BootEvent& event = *std::find_if(events.begin(), events.end(), in_pcr9);
  const base::Buffer bytes = base::utf16le(text);
  event.what = "command line";
  event.sha256 = base::sha256(bytes);
  event.sha384 = base::sha384(bytes);
  return events;
}

TEST(ExplainWithLog, NamesTheFirstEventOfTheRegisterThatIsNotThePredictedOne) {
  const RecordedBoot boot = read_boot("debian12-kernel6.12.txt");
  const auto predicted = with_command_line(boot, "console=ttyS1");
  for (const base::Bytes digest : {boot.pcrs.sha256.at(9).view(), boot.pcrs.sha384.at(9).view()}) {
    const LogExplanation found = explain_with_log(digest, predicted, log_of(boot));
    EXPECT_EQ(found.reg, 9U);
    ASSERT_TRUE(found.difference.has_value());
    EXPECT_EQ(found.difference->index, 0U);
    EXPECT_THAT(found.difference->text, HasSubstr("PCR 9 event 0 (command line)"));
  }
}

TEST(ExplainWithLog, LooksAtTheRegisterInQuestionOnly) {
  const RecordedBoot boot = read_boot("debian12-kernel6.12.txt");
  const auto found = explain_with_log(boot.pcrs.sha256.at(4).view(), with_command_line(boot, "x"), log_of(boot));
  EXPECT_EQ(found.reg, 4U);
  EXPECT_FALSE(found.difference.has_value());
}

TEST(ExplainWithLog, KnowsALogOfAnotherBoot) {
  const RecordedBoot boot = read_boot("debian12-kernel6.12.txt");
  EXPECT_FALSE(explain_with_log(base::Sha256{}.view(), boot.events, log_of(boot)).reg.has_value());
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
  const auto model = tpm_model(files, "q35", {10, 0});
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
  const auto model = tpm_model(files, "q35", {});
  const SearchResult result = explain_digest(base::Sha256{}.view(), {planned}, files, *model);
  ASSERT_EQ(result.impossible.size(), 1U);
  EXPECT_THAT(result.impossible[0], HasSubstr("the launch: firmware"));
  EXPECT_THROW((void)predicted_events(LaunchCandidate{}, files, "q35", {}), base::Error);
}

}  // namespace
}  // namespace measurement
