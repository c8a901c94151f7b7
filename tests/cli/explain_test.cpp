#include "cli/explain.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "cli/known_images.h"
#include "tests/cli/run_command.h"
#include "tests/measurement/firmware_image.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using provisioner::FileRole;
using testing::HasSubstr;
using testing::StartsWith;

const std::string data = std::string(BULKHEAD_TEST_DATA) + "/measurement/";

/// Files of this test, made anew for each case.
class ExplainVerb : public testing::Test {
 protected:
  ExplainVerb() {
    firmware_ = file("OVMF.fd", base::text_of(measurement::firmware_image::firmware()));
    kernel_ = file("vmlinuz", std::string(5000, 'k'));
    initrd_ = file("initrd", std::string(5000, 'i'));
  }
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    const std::string path = folder_.file(name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  /// The words of a verb that measures a launch of this test's files.
  [[nodiscard]] std::vector<std::string> launch(std::vector<std::string> verb, const std::string& command_line,
                                                const std::string& cpu, const std::string& vcpus) const {
    for (const std::string& word :
         {std::string("--firmware"), firmware_, std::string("--kernel"), kernel_, std::string("--initrd"), initrd_,
          std::string("--cmdline"), command_line, std::string("--cpu"), cpu, std::string("--vcpus"), vcpus})
      verb.push_back(word);
    return verb;
  }
  /// The digest of a launch, as `measure snp` has it.
  [[nodiscard]] std::string digest(std::vector<std::string> words) const {
    words.insert(words.end(), {"--any-kernel", "--format", "hex"});
    const Ran ran = run_command(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran.out.substr(0, 96);
  }
  static Ran explained(const std::string& digest, std::vector<std::string> words) {
    words.insert(words.begin(), {"explain", digest});
    return run_command(words);
  }
  [[nodiscard]] const std::string& folder() const { return folder_.path(); }

  std::string firmware_, kernel_, initrd_;

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(ExplainVerb, NamesTheInputThatDiffers) {
  std::vector<std::string> words = launch({"measure", "snp"}, "quiet", "EPYC-v4", "1");
  words.insert(words.end(), {"--sev-features", "0x21"});
  const Ran ran = explained("0x" + digest(words), launch({}, "quiet", "EPYC-v4", "1"));
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, StartsWith("matches the launch with SEV features 0x21, with DebugSwap (planned: 0x1)\n"));
}

TEST_F(ExplainVerb, FindsTwoChangesAndAnotherVcpuCount) {
  const std::string observed = digest(launch({"measure", "snp"}, "", "EPYC-v4", "4"));
  std::vector<std::string> words = launch({}, "quiet", "EPYC-Milan", "2");
  words.emplace_back("--json");
  const Ran ran = explained(observed, words);
  EXPECT_EQ(ran.code, 0) << ran.err;
  const Json json = Json::parse(ran.out, "explanation");
  EXPECT_EQ(json.at("schema").text(), "bulkhead.explanation/v1");
  EXPECT_TRUE(json.at("found").boolean());
  EXPECT_EQ(json.at("changes"),
            Json(Json::Array{"4 vCPUs (planned 2)", "a command line that is empty (planned: 'quiet')",
                             "CPU model EPYC or EPYC-IBPB (planned: EPYC-Milan)"}));
  EXPECT_EQ(json.at("launch").at("vcpus").integer(), 4);
  EXPECT_EQ(json.at("launch").at("cpuSignature").text(), "0x800f12");
}

TEST_F(ExplainVerb, ExitsWith5WhenNothingMatches) {
  const Ran ran = explained(std::string(96, '0'), launch({}, "quiet", "EPYC-v4", "1"));
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.out, StartsWith("nothing matches: tried "));
}

TEST_F(ExplainVerb, KnowsTheFilesOfAStoreByTheirContent) {
  const std::string cpio = file("store/boot/first", "070701 this is an initrd");
  (void)file("store/second", "not a boot file");
  (void)file("store/bracket", "] is what LZMA starts with, and two zeros");
  std::filesystem::copy_file(firmware_, folder() + "/store/third");
  KnownImages images;
  images.add_folder(folder() + "/store");
  ASSERT_EQ(images.files().initrds.size(), 1U);
  EXPECT_EQ(images.files().initrds[0].name, cpio);
  EXPECT_EQ(images.files().firmware.size(), 1U);
  EXPECT_TRUE(images.files().kernels.empty());
  EXPECT_EQ(images.add(FileRole::firmware, firmware_), 0U);
  EXPECT_EQ(images.files().firmware.size(), 1U);
}

TEST_F(ExplainVerb, ReadsAReportAsBytesOrAsText) {
  const std::string report = data + "snp-reports/milan-v2.hex";
  std::ifstream in(report);
  std::string digits{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::erase(digits, '\n');
  const base::Buffer raw = base::from_hex(digits).value();
  for (const std::string& path : {file("text", digits + "\n"), file("bytes", base::text_of(raw))}) {
    const Ran ran = run_command({"explain", "--report", path, "--firmware", firmware_, "--cpu", "EPYC-Milan"});
    EXPECT_EQ(ran.code, 5) << ran.err;
    EXPECT_THAT(ran.out, HasSubstr("report: the guest policy allows debugging"));
  }
}

struct Misuse {
  std::string name;
  std::vector<std::string> words;
  int code;
  std::string why;
};
void PrintTo(const Misuse& misuse, std::ostream* out) {
  *out << misuse.name;
}
const std::string some_file = data + "corim/README.md";  ///< any that can be read
class ExplainMisuse : public testing::TestWithParam<Misuse> {};

TEST_P(ExplainMisuse, IsRefused) {
  std::vector<std::string> words{"explain"};
  words.insert(words.end(), GetParam().words.begin(), GetParam().words.end());
  const Ran ran = run_command(words);
  EXPECT_EQ(ran.code, GetParam().code);
  EXPECT_THAT(ran.err, HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ExplainMisuse,
    testing::Values(
        Misuse{"nothing", {}, 64, "what was observed?"},
        Misuse{"two_observed", {"00", "--report", "x"}, 64, "what was observed?"},
        Misuse{"short_digest", {"1234"}, 64, "digest: got '1234', wanted 64 or 96 hexadecimal digits"},
        Misuse{"no_hexadecimal", {std::string(96, 'g')}, 64, "wanted 64 or 96"},
        Misuse{"no_plan", {std::string(96, '0')}, 64, "what was planned?"},
        Misuse{
            "two_plans", {std::string(96, '0'), "--firmware", some_file, "--tenant", "acme"}, 64, "what was planned?"},
        Misuse{"other_kind", {std::string(96, '0'), "--firmware", some_file, "--as", "sev"}, 64, "--as wants"},
        Misuse{"two_counts",
               {std::string(96, '0'), "--firmware", some_file, "--vcpus", "1,2"},
               64,
               "wanted the one count"},
        Misuse{"profile", {std::string(96, '0'), "--firmware", some_file, "--vmm", "xen"}, 64, "--vmm: got 'xen'"},
        Misuse{"model", {std::string(96, '0'), "--firmware", some_file, "--cpu", "i486"}, 64, "--cpu: got 'i486'"},
        Misuse{"no_folder",
               {std::string(96, '0'), "--firmware", some_file, "--images", "/no/such"},
               64,
               "--images: got '/no/such', wanted a folder"},
        Misuse{"no_report", {"--report", "/no/such", "--firmware", some_file}, 1, "cannot read /no/such"},
        Misuse{"bad_report", {"--report", some_file, "--firmware", some_file}, 3, "bytes, wanted 1184"},
        Misuse{"bad_plan", {std::string(96, '0'), "--plan", some_file}, 3, "not JSON"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace cli
