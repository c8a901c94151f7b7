#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/encoding.h"
#include "base/json.h"
#include "tests/cli/run_command.h"
#include "tests/measurement/pe_builder.h"
#include "tests/measurement/test_files.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using measurement::testing_files::read;
using measurement::testing_files::vectors;
using testing::HasSubstr;
using testing::StartsWith;

// virtee/fortanix tdx-measure (Apache-2.0), tests/fixtures: RTMR0 of a live TD, 16 GiB and 8 vCPUs.
constexpr const char* runtime_capture_rtmr0 =
    "a2749c840579faca6adf0c9c3ab69f277556cda67f8a6b3553c2c7fbf00e9706ec77a6f6960d802433b339ff8b72eefb";
// Shared vectors: the firmware's MRTD with pages added in two passes.
constexpr const char* two_pass_mrtd =
    "7ce4cec5729d95652108c1dfe381a3ccb6a6a9061920f0479a3e4c7c806cf51d2438958def083084880f2bf4dd2e14eb";

class ExplainTdVerb : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(firmware_)) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
    const std::string kernel(4096, 'k');
    kernel_ = file("vmlinuz", measurement::testing_pe::image({{".text", kernel}}));
  }
  [[nodiscard]] std::string file(const std::string& name, base::Bytes content) const {
    const std::string path = folder_.file(name);
    const std::string text = base::text_of(content);
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  /// The flags of a launch with the tables of a live TD.
  [[nodiscard]] std::vector<std::string> launch(std::vector<std::string> verb, const std::string& memory,
                                                const std::string& command_line) const {
    for (const std::string& word : {std::string("--firmware"), firmware_, std::string("--kernel"), kernel_,
                                    std::string("--cmdline"), command_line, std::string("--memory"), memory,
                                    std::string("--qemu-version"), std::string("10.2"), std::string("--acpi"), tables_})
      verb.push_back(word);
    return verb;
  }
  /// The TDREPORT of a TD with these registers. Source: Intel TDX Module ABI 1.5, TDREPORT_STRUCT and TDINFO_BASE.
  [[nodiscard]] std::string report_of(const Json& measured) const {
    constexpr std::size_t attributes = 512, mrtd = 528, rtmr0 = 720, digest = 48;
    base::Buffer bytes(1024);
    const auto put = [&bytes](std::size_t at, const std::string& hex) {
      const base::Buffer value = base::from_hex(hex).value();
      std::copy(value.begin(), value.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    };
    bytes[0] = 0x81;
    bytes[attributes + 3] = 0x10;  // SEPT_VE_DISABLE
    put(mrtd, measured.at("mrtd").text());
    for (std::size_t i = 0; i < 3; ++i) put(rtmr0 + digest * i, measured.at("rtmr").array().at(i).text());
    return file("tdreport", bytes);
  }
  [[nodiscard]] Json measured(const std::string& memory, const std::string& command_line) const {
    std::vector<std::string> words = launch({"measure", "tdx"}, memory, command_line);
    words.emplace_back("--json");
    const Ran ran = run_command(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return Json::parse(ran.out, "measurement");
  }

  tests::TemporaryFolder folder_;
  std::string kernel_;
  const std::string firmware_ = vectors() / "tdx/firmware/ubuntu_2025.02-3ubuntu2_OVMF.fd";
  const std::string tables_ = vectors() / "tdx/tdx-measure/runtime-capture";
};

TEST_F(ExplainTdVerb, NamesTheInputBehindEachRegisterOfAQuote) {
  Json td = measured("16GiB", "console=hvc0 quiet");
  EXPECT_EQ(td.at("rtmr").array().at(0).text(), runtime_capture_rtmr0);
  td["mrtd"] = two_pass_mrtd;
  std::vector<std::string> words = launch({"explain", "--quote", report_of(td)}, "2GiB", "console=hvc0");
  const Ran none = run_command(words);
  EXPECT_EQ(none.code, 5) << none.err;
  EXPECT_THAT(none.out, HasSubstr("\n  RTMR2  nothing matches: tried "));
  words = launch({"explain", "--quote", report_of(td)}, "2GiB", "console=hvc0 quiet nosmt");
  const Ran ran = run_command(words);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(ran.out,
            "the launch\n"
            "  MRTD   pages added in two passes (planned: page by page)\n"
            "  RTMR0  16384 MiB of memory (planned 2048 MiB)\n"
            "  RTMR1  as planned\n"
            "  RTMR2  a command line without the word 'nosmt' (planned: with it)\n");
}

TEST_F(ExplainTdVerb, WritesEachRegisterForPrograms) {
  std::vector<std::string> words =
      launch({"explain", "--quote", report_of(measured("16GiB", "console=hvc0"))}, "2048", "console=hvc0");
  words.emplace_back("--json");
  const Ran ran = run_command(words);
  EXPECT_EQ(ran.code, 0) << ran.err;
  const Json json = Json::parse(ran.out, "explanation");
  EXPECT_EQ(json.at("schema").text(), "bulkhead.explanation/v1");
  EXPECT_TRUE(json.at("found").boolean());
  EXPECT_EQ(json.at("launch").at("memoryMiB").integer(), 16384);
  ASSERT_EQ(json.at("registers").array().size(), 4U);
  const Json& rtmr0 = json.at("registers").array()[1];
  EXPECT_EQ(rtmr0.at("register").text(), "RTMR0");
  EXPECT_EQ(rtmr0.at("digest").text(), runtime_capture_rtmr0);
  EXPECT_EQ(rtmr0.at("changes"), Json(Json::Array{"16384 MiB of memory (planned 2048 MiB)"}));
}

TEST_F(ExplainTdVerb, ExplainsOneRegisterAlone) {
  std::vector<std::string> words = launch({"explain", runtime_capture_rtmr0, "--as", "tdx"}, "2048", "quiet");
  const Ran ran = run_command(words);
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("matches the launch with 16384 MiB of memory (planned 2048 MiB)\n  RTMR0, found"));
}

TEST_F(ExplainTdVerb, SaysWhatOfAQuoteIsWorthKnowing) {
  const Ran ran = run_command(
      launch({"explain", "--quote", vectors() / "attest/tdx/quotes/gotdx_cos113_quote.dat"}, "2GiB", "quiet"));
  EXPECT_EQ(ran.code, 5) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("MRTD   nothing matches: tried "));
}

// A boot of another OVMF and kernel, by confidential-containers/trustee.
TEST_F(ExplainTdVerb, NamesTheFirstEventOfEachRegisterOfALog) {
  const std::string log = vectors() / "ccel/trustee_CCEL_data_ovmf";
  const Ran all = run_command(launch({"explain", "--event-log", log}, "2GiB", "quiet"));
  EXPECT_EQ(all.code, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("RTMR0 event 0 (TD hand-off block (memory size)): got "));
  EXPECT_THAT(all.out, HasSubstr("RTMR2 event 0 (command line): got "));
  const std::string rtmr1 =  // shared vectors: the register the log replays to
      "775b9f6bfe99f8a31396f0d0218e67ffa796d3b96ccf961cbb0deba48c79c00f082cda1a5567c1c16305f1fc210c13c6";
  std::vector<std::string> words = launch({"explain", rtmr1, "--event-log", log}, "2GiB", "quiet");
  words.emplace_back("--json");
  const Ran one = run_command(words);
  EXPECT_EQ(one.code, 0) << one.err;
  const Json json = Json::parse(one.out, "explanation");
  EXPECT_EQ(json.at("register").text(), "RTMR1");
  ASSERT_EQ(json.at("differences").array().size(), 1U);
  EXPECT_EQ(json.at("differences").array()[0].at("what").text(), "kernel");
  EXPECT_THAT(json.at("differences").array()[0].at("text").text(), HasSubstr("no launch near the planned one"));
}

TEST_F(ExplainTdVerb, KnowsALogOfAnotherBoot) {
  const std::string log = vectors() / "ccel/trustee_CCEL_data_ovmf";
  for (const std::vector<std::string>& seen :
       {std::vector<std::string>{std::string(96, 'a')},
        std::vector<std::string>{"--quote", vectors() / "attest/tdx/quotes/gotdx_cos113_quote.dat"}}) {
    std::vector<std::string> words{"explain", "--event-log", log};
    words.insert(words.end(), seen.begin(), seen.end());
    const Ran ran = run_command(launch(words, "2GiB", "quiet"));
    EXPECT_EQ(ran.code, 5) << ran.err;
    EXPECT_THAT(ran.out, StartsWith("the log is of another boot"));
  }
}

struct Misuse {
  std::vector<std::string> words;
  int code;
  const char* why;
};
TEST_F(ExplainTdVerb, RefusesWhatMakesNoSense) {
  for (const Misuse& misuse :
       {Misuse{{"--quote", kernel_}, 3, "vmlinuz: "},
        Misuse{{std::string(96, 'a'), "--quote", "x"}, 64, "what was obs"},
        Misuse{{std::string(96, 'a'), "--page-order", "x"}, 64, "--page-order: got 'x'"},
        Misuse{{std::string(96, 'a'), "--generation", "x"}, 64, "--generation: got 'x'"},
        Misuse{{std::string(96, 'a'), "--processor-id", "x"}, 64, "--processor-id: got 'x'"},
        Misuse{{std::string(64, 'a'), "--as", "tdx"}, 64, "--as wants snp, sev-es, sev, tdx or pcr"},
        Misuse{{std::string(96, 'a'), "--acpi", "/no/such"}, 1, "has no dump of fw_cfg"}}) {
    std::vector<std::string> words{"explain", "--firmware", firmware_};
    words.insert(words.end(), misuse.words.begin(), misuse.words.end());
    const Ran ran = run_command(words);
    EXPECT_EQ(ran.code, misuse.code) << misuse.why;
    EXPECT_THAT(ran.err, HasSubstr(misuse.why));
  }
}

}  // namespace
}  // namespace cli
