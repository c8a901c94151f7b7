#include "measurement/explain_td.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/measurement/known_launch.h"
#include "tests/measurement/tdvf_image.h"

namespace measurement {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

base::Sha384 sha384(const char* hex) {
  return base::Sha384::parse(hex).value();
}
// virtee/fortanix tdx-measure (Apache-2.0), tests/fixtures; Ubuntu ovmf 2025.02-3ubuntu2. The value of two passes is
// the shared vectors' own recomputation.
const char* const published_mrtd =
    "7357a10d2e2724dffe68813e3cc4cfcde6814d749f2fb62e3953e54f6e0b50a219786afe2cd478f684b52c61837e1114";
const char* const two_pass_mrtd =
    "7ce4cec5729d95652108c1dfe381a3ccb6a6a9061920f0479a3e4c7c806cf51d2438958def083084880f2bf4dd2e14eb";
const char* const canonical_rtmr0 =  // 2 GiB, 4 vCPUs
    "e1cf95c7fedaa78087b3eb237148869f804642b7939d59c8825db269ffadf190d4a7fd4f44d9b10ba7ff44c12dd564f5";
const char* const runtime_capture_rtmr0 =  // a live TD: 16 GiB, 8 vCPUs
    "a2749c840579faca6adf0c9c3ab69f277556cda67f8a6b3553c2c7fbf00e9706ec77a6f6960d802433b339ff8b72eefb";

class ExplainTd : public KnownLaunch {
 protected:
  /// The registers of a launch; a search must find it again.
  [[nodiscard]] TdRegisters registers_of(const LaunchCandidate& launched, std::size_t outcome = 0) const {
    CandidateBoots boots(files_);
    const Prediction boot = boots.predict(launched, base::Tee::tdx);
    const PcrValues values = fold(outcome == 0 ? boot.events : boot.alternatives.at(outcome - 1).events);
    TdRegisters td;
    td.mrtd.bytes = boots.mrtd(launched).bytes;
    for (unsigned i = 0; i < predicted_rtmrs; ++i) td.rtmr[i] = values.sha384.at(i + 1);
    return td;
  }
  [[nodiscard]] TdExplanation explained(const TdRegisters& td) const { return explain_td(td, planned_, files_); }
  /// "MRTD", "RTMR0: 8192 MiB of memory (planned 2048 MiB)"; "RTMR1: nothing".
  [[nodiscard]] std::vector<std::string> texts(const TdRegisters& td) const {
    std::vector<std::string> all;
    for (const ExplainedRegister& reg : explained(td).registers) {
      std::string text(name_of(reg.reg));
      if (!reg.result.found) text += ": nothing";
      if (reg.result.found)
        for (const std::string& change : reg.result.found->changes) text += ": " + change;
      all.push_back(text);
    }
    return all;
  }
};

TEST_F(ExplainTd, SaysThatEveryRegisterIsAsPlanned) {
  EXPECT_THAT(texts(registers_of(planned_.launch)), ElementsAre("MRTD", "RTMR0", "RTMR1", "RTMR2"));
}

TEST_F(ExplainTd, ExplainsWhatOtherToolsPublish) {
  TdRegisters td = registers_of(planned_.launch);
  td.mrtd = sha384(two_pass_mrtd);
  td.rtmr[0] = sha384(runtime_capture_rtmr0);
  EXPECT_THAT(texts(td),
              ElementsAre("MRTD: pages added in two passes (planned: page by page)",
                          "RTMR0: 16384 MiB of memory (planned 2048 MiB): ACPI tables runtime-capture (planned: "
                          "canonical-defaults)",
                          "RTMR1", "RTMR2"));
  td.mrtd = sha384(published_mrtd);
  td.rtmr[0] = sha384(canonical_rtmr0);
  EXPECT_THAT(texts(td), ElementsAre("MRTD", "RTMR0", "RTMR1", "RTMR2"));
}

TEST_F(ExplainTd, AsksForTheTablesOfOtherShapes) {
  const KnownTables canonical = files_.tables[0];
  files_.tables = {{"of a QEMU",
                    [canonical](const LaunchCandidate& launch, base::Tee tee) -> const FwCfgFiles& {
                      if (launch.vcpus == 4) return canonical.of(launch, tee);
                      throw base::Error(base::Kind::host, "no such machine");
                    },
                    true}};
  planned_.launch.vcpus = 2;
  const auto model = td_model(boots_of(files_), TdRegister::rtmr0);
  const SearchResult result = explain_digest(sha384(canonical_rtmr0).view(), {planned_}, files_, *model);
  ASSERT_TRUE(result.found.has_value());
  EXPECT_EQ(text_of(*result.found, {planned_}), "acme/worker with 4 vCPUs (planned 2)");
  EXPECT_THAT(result.impossible, ElementsAre("acme/worker: no such machine"));
}

struct PlantedChange {
  std::string name;
  std::function<void(LaunchCandidate&)> change;
  std::vector<std::string> texts;
};
void PrintTo(const PlantedChange& planted, std::ostream* out) {
  *out << planted.name;
}
class ExplainOneTd : public ExplainTd, public testing::WithParamInterface<PlantedChange> {};

TEST_P(ExplainOneTd, RegisterByRegister) {
  LaunchCandidate launched = planned_.launch;
  GetParam().change(launched);
  EXPECT_EQ(texts(registers_of(launched)), GetParam().texts);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ExplainOneTd,
    testing::Values(
        PlantedChange{"command_line",
                      [](LaunchCandidate& launch) { launch.command_line += " "; },
                      {"MRTD", "RTMR0", "RTMR1", "RTMR2: a command line with a trailing blank (planned: without)"}},
        PlantedChange{"memory",
                      [](LaunchCandidate& launch) { launch.memory = base::MiB{8192}; },
                      {"MRTD", "RTMR0: 8192 MiB of memory (planned 2048 MiB)", "RTMR1", "RTMR2"}},
        PlantedChange{"generation",
                      [](LaunchCandidate& launch) { launch.generation = FirmwareGeneration::before_202411; },
                      {"MRTD", "RTMR0: firmware that behaves as edk2 up to 202408 (planned: as its image says)",
                       "RTMR1", "RTMR2"}},
        PlantedChange{"initrd_word",
                      [](LaunchCandidate& launch) { launch.initrd_word = InitrdWord::prefix; },
                      {"MRTD", "RTMR0", "RTMR1",
                       "RTMR2: firmware that puts initrd=initrd before the command line (planned: as its image says)"}},
        PlantedChange{"hypervisor",
                      [](LaunchCandidate& launch) { launch.hypervisor = {8, 2}; },
                      {"MRTD", "RTMR0", "RTMR1: a QEMU before 10.0 (planned: 10.2)", "RTMR2"}},
        PlantedChange{"no_initrd",
                      [](LaunchCandidate& launch) { launch.initrd = std::nullopt; },
                      {"MRTD", "RTMR0", "RTMR1", "RTMR2: no initrd (planned: initrd)"}},
        PlantedChange{
            "several",
            [](LaunchCandidate& launch) {
              launch.page_order = PageOrder::two_pass;
              launch.memory = base::MiB{1024};
              launch.command_line += " ";
            },
            {"MRTD: pages added in two passes (planned: page by page)", "RTMR0: 1024 MiB of memory (planned 2048 MiB)",
             "RTMR1", "RTMR2: a command line with a trailing blank (planned: without)"}}),
    [](const auto& test) { return test.param.name; });

TEST_F(ExplainTd, AcceptsThatExitBootServicesWasCalledAgain) {
  const TdExplanation explanation = explained(registers_of(planned_.launch, 1));
  ASSERT_TRUE(explanation.complete());
  EXPECT_THAT(explanation.registers[2].result.found->changes, IsEmpty());
  EXPECT_EQ(explanation.registers[2].result.found->reg, "RTMR1, when " + std::string(exit_boot_services_retried));
}

TEST_F(ExplainTd, DoesNotExplainARegisterWithWhatContradictsAnother) {
  LaunchCandidate other = planned_.launch;
  other.generation = FirmwareGeneration::before_202411;
  TdRegisters td = registers_of(planned_.launch);
  td.rtmr[1] = registers_of(other).rtmr[1];  // the separator is missing here, and not in RTMR0
  const std::vector<std::string> found = texts(td);
  EXPECT_EQ(found[0], "MRTD");
  EXPECT_EQ(found[1], "RTMR0");
  EXPECT_EQ(found[2], "RTMR1: nothing");
  EXPECT_FALSE(explained(td).complete());
}

TEST_F(ExplainTd, AsksForNothingARegisterDoesNotFollowFrom) {
  const TdRegisters td = registers_of(planned_.launch);
  planned_.launch.hypervisor = {};
  EXPECT_THAT(texts(td), ElementsAre("MRTD", "RTMR0", "RTMR1: QEMU 10.2 or later (planned: not known)", "RTMR2"));
  planned_.launch.kernel = std::nullopt;
  EXPECT_THAT(texts(td), testing::Contains("RTMR0"));
}

TEST_F(ExplainTd, SaysWhyARegisterCannotBeKnown) {
  const TdRegisters td = registers_of(planned_.launch);
  planned_.launch.tables = std::nullopt;
  files_.tables.clear();
  const TdExplanation explanation = explained(td);
  EXPECT_THAT(explanation.registers[1].result.impossible,
              ElementsAre("acme/worker: RTMR0 cannot be known: ACPI tables: not given (etc/acpi/tables)"));
  EXPECT_FALSE(explanation.registers[1].result.found.has_value());
  EXPECT_TRUE(explanation.registers[3].result.found.has_value());
}

TEST_F(ExplainTd, PrefersThePlannedLaunchThatExplainsMoreWithLess) {
  const TdRegisters td = registers_of(planned_.launch);
  const TdExplanation as_planned = explained(td);
  planned_.launch.memory = base::MiB{4096};
  const TdExplanation with_a_change = explained(td);
  planned_.launch.command_line = "another";
  const TdExplanation incomplete = explained(td);
  EXPECT_TRUE(as_planned.better_than(with_a_change));
  EXPECT_FALSE(with_a_change.better_than(as_planned));
  EXPECT_TRUE(with_a_change.better_than(incomplete));
}

// aleph-im/aleph-vm (MIT), unit test of its TDX measurement: no OVMF, so that nothing but MRTD is known.
TEST(ExplainMrtd, OfAnyTdvf) {
  const base::Buffer firmware = testing_files::tdvf_image();
  base::Buffer other = firmware;
  other[0] ^= 1U;
  const KnownFiles files{{{"other.fd", other, {}}, {"tdvf.fd", firmware, {}}}, {}, {}};
  const base::Sha384 digest =
      sha384("168f5582b72265ed01aad1edd402f5d096c12d95385b5f38959b5cc8c128e6efe6e13e854e211a1ee4e4a4eeafa36fa6");
  const PlannedLaunch planned{"the launch", {}};
  const SearchResult result =
      explain_digest(digest.view(), {planned}, files, *td_model(boots_of(files), TdRegister::mrtd));
  ASSERT_TRUE(result.found.has_value());
  EXPECT_EQ(text_of(*result.found, {planned}), "the launch with firmware tdvf.fd (planned: other.fd)");
  EXPECT_THAT(explain_digest(digest.view(), {planned}, files, *td_model(boots_of(files), TdRegister::rtmr0)).impossible,
              ElementsAre(HasSubstr("no LZMA-compressed volume")));
}

}  // namespace
}  // namespace measurement
