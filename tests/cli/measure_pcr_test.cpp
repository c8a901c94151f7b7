#include <gmock/gmock.h>

#include <filesystem>

#include "base/json.h"
#include "measurement/corim.h"
#include "tests/cli/run_command.h"
#include "tests/measurement/test_files.h"

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

// The firmware of the shared vectors and any EFI program as a kernel.
TEST(MeasurePcr, IsWrittenForVerifiers) {
  const auto vectors = measurement::testing_files::vectors();
  const std::string ovmf = vectors / "snp/debian/OVMF.amdsev.fd",
                    kernel = vectors / "tdx/swtpm/inputs/252-systemd-bootx64.efi";
  if (!std::filesystem::exists(ovmf) || !std::filesystem::exists(kernel))
    GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const auto direct = [&](const std::string& format) {
    return run_command({"measure", "pcr", "--firmware", ovmf, "--kernel", kernel, "--cmdline", "console=ttyS0",
                        "--machine", "pc-q35-10.0", "--format", format});
  };
  const Ran json = direct("json");
  ASSERT_EQ(json.code, 0) << json.err;
  const Json pcrs = Json::parse(json.out, "json").at("pcrs");
  const Ran rvps = direct("rvps");
  ASSERT_EQ(rvps.code, 0) << rvps.err;
  const Json values = Json::parse(rvps.out, "rvps").at("values");
  EXPECT_EQ(values.at("tpm_pcr9"), Json(Json::Array{pcrs.at("sha256").at("9").text()}));
  EXPECT_EQ(values.at("tpm_pcr5").array().size(), 2U) << "ExitBootServices may be called again";
  EXPECT_THAT(direct("hex").out, HasSubstr("PCR9 " + pcrs.at("sha384").at("9").text() + "\n"));
  const Ran corim = direct("corim");
  EXPECT_EQ(measurement::parse_corim(base::bytes_of(corim.out), "corim").values.size(),
            pcrs.at("sha256").object().size() + 1);
  const Ran libvirt = direct("libvirt");
  EXPECT_EQ(libvirt.code, 64);
  EXPECT_THAT(libvirt.err, HasSubstr("libvirt has no <launchSecurity> for this kind of guest"));
}

}  // namespace
}  // namespace cli
