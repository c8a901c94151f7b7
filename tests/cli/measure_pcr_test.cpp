#include <gmock/gmock.h>

#include <filesystem>

#include "base/json.h"
#include "tests/cli/run_command.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;

constexpr const char* firmware = "/usr/share/OVMF/OVMF_CODE_4M.fd";

struct Usage {
  std::vector<std::string> words;
  std::string message;
};

TEST(MeasurePcr, RefusesFlagsThatDoNotGoTogether) {
  for (const Usage& bad :
       {Usage{{}, "either --kernel or --uki"}, Usage{{"--kernel", "k", "--uki", "u"}, "either --kernel or --uki"},
        Usage{{"--uki", "u", "--initrd", "i"}, "put it into the image"},
        Usage{{"--uki", "u", "--loader", "l"}, "wanted with --disk"},
        Usage{{"--uki", "u", "--disk", "d", "--loader-conf", "c"}, "wanted with --loader"},
        Usage{{"--uki", "u", "--disk", "d", "--cmdline", "quiet"}, "started from a disk"}}) {
    std::vector<std::string> words{"measure", "pcr", "--firmware", firmware};
    words.insert(words.end(), bad.words.begin(), bad.words.end());
    const Ran ran = run_command(words);
    EXPECT_EQ(ran.code, 64) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(bad.message));
  }
}

// Of a direct boot recorded with Debian 12's firmware only PCR 7, 2 and 3 do not depend on a kernel; any kernel will
// do.
TEST(MeasurePcr, OfADirectBootSaysWhatItAssumed) {
  std::string kernel;
  for (const auto& entry : std::filesystem::directory_iterator("/boot"))
    if (entry.path().filename().string().starts_with("vmlinuz-")) kernel = entry.path();
  if (kernel.empty() || !std::filesystem::exists(firmware)) GTEST_SKIP() << "no kernel in /boot, or no package ovmf";
  const std::vector<std::string> words{"measure", "pcr",       "--firmware",    firmware,    "--kernel",
                                       kernel,    "--cmdline", "console=ttyS0", "--machine", "q35"};
  const Ran ran = run_command(words);
  if (ran.err.find("hypervisor version: not known") != std::string::npos)
    GTEST_SKIP() << "this firmware wants a pinned machine type: " << ran.err;
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, testing::AllOf(HasSubstr("device ROMs     off"), HasSubstr("sha256 PCR 7"),
                                      HasSubstr("or, when ExitBootServices had to be called a second time")));
  EXPECT_THAT(ran.err, HasSubstr("name a version such as pc-q35-10.0"));
  std::vector<std::string> as_json = words;
  as_json.emplace_back("--json");
  const Json json = Json::parse(run_command(as_json).out, "output");
  EXPECT_EQ(json.at("tee").text(), "emulated");
  EXPECT_EQ(json.at("pcrs").at("sha384").at("2").text(),
            "518923b0f955d08da077c96aaba522b9decede61c599cea6c41889cfbea4ae4d50529d96fe4d1afdafb65e7f95bf23c4");
  EXPECT_EQ(json.at("alternatives").array().size(), 1U);
  EXPECT_EQ(json.at("warnings").array().size(), 1U);
}

}  // namespace
}  // namespace cli
