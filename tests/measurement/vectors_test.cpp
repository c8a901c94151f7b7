#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/json.h"
#include "measurement/pe_image.h"
#include "measurement/tcg_log.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing_files::read;
using testing_files::vectors;

base::Json manifest(const std::string& folder) {
  const base::Buffer text = read(vectors() / folder / "manifest.json");
  return text.empty() ? base::Json() : base::Json::parse(base::text_of(text), folder);
}

TEST(Authenticode, EqualsTheDigestsOfEveryPeVector) {
  const base::Json tdx = manifest("tdx");
  if (tdx.is_null()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  unsigned matched = 0;
  for (const base::Json& entry : tdx.at("entries").array()) {
    const base::Json* expected = entry.find("expected");
    if (!expected || !expected->find("authenticode_sha384")) continue;
    const base::Buffer image = read(vectors() / "tdx" / entry.at("files").array().at(0).at("file").text());
    const BankDigests digests = authenticode_digests(image);
    EXPECT_EQ(digests.sha256.hex(), expected->at("authenticode_sha256").text()) << entry.at("id").text();
    EXPECT_EQ(digests.sha384.hex(), expected->at("authenticode_sha384").text()) << entry.at("id").text();
    ++matched;
  }
  EXPECT_GE(matched, 8U);
}

TEST(EventLog, ReplaysEveryCcelVectorToItsRegisters) {
  const base::Json ccel = manifest("ccel");
  if (ccel.is_null()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const base::Json* listed = ccel.find("entries");
  unsigned matched = 0;
  for (const base::Json& entry : (listed ? *listed : ccel).array()) {
    const base::Json* expected = entry.find("replay");
    if (!expected) continue;
    const std::string name = entry.at("file").text();
    PcrValues registers = replay(parse_event_log(read(vectors() / "ccel" / name)));
    for (unsigned i = 0; i < 4; ++i) {
      const base::Json* value = expected->find("RTMR" + std::to_string(i));
      EXPECT_EQ(registers.sha384[i + 1].hex(), value ? value->text() : std::string(96, '0')) << name << " RTMR" << i;
    }
    ++matched;
  }
  EXPECT_GE(matched, 9U);
}

struct SwtpmBoot {
  std::string name, command_line;
  FirmwareProfile profile;
  std::set<unsigned> pcrs{2, 3, 4, 5, 7, 9};
};

constexpr FirmwareProfile ovmf2211{FirmwareGeneration::before_202411, KernelSource::legacy_items, InitrdWord::suffix,
                                   SecureBootVariable::zero};
constexpr FirmwareProfile ovmf2502{FirmwareGeneration::from_202411, KernelSource::boot_file_first, InitrdWord::suffix,
                                   SecureBootVariable::undefined};
constexpr FirmwareProfile ovmf2608{FirmwareGeneration::from_202505, KernelSource::boot_file_first, InitrdWord::prefix,
                                   SecureBootVariable::undefined};

class SwtpmVector : public testing::TestWithParam<SwtpmBoot> {
 protected:
  // The kernel and initrd of these boots are not kept, so their digests are taken from the log; the rest is predicted.
  static std::vector<BootEvent> predicted(const EventLog& log) {
    BootInputs inputs{GetParam().profile, {}, std::nullopt, GetParam().command_line};
    for (const LogEvent& event : log.events) {
      if (event.pcr == 4 && event.type == 0x80000003) inputs.kernel = {*event.sha256, *event.sha384};
      if (event.pcr == 9 && base::text_of(event.data).find("Linux initrd") != std::string::npos)
        inputs.initrd = BankDigests{*event.sha256, *event.sha384};
    }
    return predict_boot_events(inputs);
  }
};

TEST_P(SwtpmVector, IsPredictedEventByEvent) {
  const base::Buffer bytes = read(vectors() / "tdx" / "swtpm" / GetParam().name / "eventlog.bin");
  if (bytes.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const EventLog log = parse_event_log(bytes);
  const auto found = first_difference(predicted(log), log, GetParam().pcrs);
  EXPECT_FALSE(found.has_value()) << found->text;
}

TEST_P(SwtpmVector, FoldsToThePcrsOfTheTpm) {
  const base::Buffer text = read(vectors() / "tdx" / "swtpm" / GetParam().name / "pcrs-sha384.json");
  const base::Buffer bytes = read(vectors() / "tdx" / "swtpm" / GetParam().name / "eventlog.bin");
  if (text.empty() || bytes.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const base::Json pcrs = base::Json::parse(base::text_of(text), "pcrs");
  for (const auto& [pcr, digest] : fold(predicted(parse_event_log(bytes))).sha384)
    if (GetParam().pcrs.contains(pcr)) {
      EXPECT_EQ(digest.hex(), pcrs.at(std::to_string(pcr)).text()) << "PCR " << pcr;
    }
}

INSTANTIATE_TEST_SUITE_P(
    DirectBoots, SwtpmVector,
    testing::Values(SwtpmBoot{"a-612-ovmf2211", "console=ttyS0 foo=bar", ovmf2211},
                    SwtpmBoot{"b-612-ovmf2211-1g", "console=ttyS0 foo=bar", ovmf2211},
                    SwtpmBoot{"b-612-ovmf2211-3g", "console=ttyS0 foo=bar vga=0x317", ovmf2211},
                    SwtpmBoot{"c-612-ovmf2502", "console=ttyS0 foo=bar", ovmf2502},
                    SwtpmBoot{"d-612-ovmf2608", "console=ttyS0 foo=bar", ovmf2608},
                    SwtpmBoot{"e-612-ovmf2608-q111", "console=ttyS0 foo=bar", ovmf2608},
                    // A network card with its ROM on: a driver event in PCR 2 that nobody predicts.
                    SwtpmBoot{"g-dev", "console=ttyS0", ovmf2608, {3, 4, 5, 7, 9}}),
    [](const auto& boot) {
      std::string name = boot.param.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

}  // namespace
}  // namespace measurement
