#include <gmock/gmock.h>

#include <fstream>

#include "base/json.h"
#include "measurement/corim.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;

// Known answers: veraison/cca-realm-measurements (MIT or Apache-2.0), tests/cmdline.rs.
const std::string kvmtool_rim = "cf37146fce0ad50e1be1a04580c1024e5449b430b0dd96b6ef5c9a2b73767bf5";
const std::string qemu_rim =
    "8120ef921a987a3f8b9d4bb5e40f8489e2b4fc69c5e1b17b1a9b040884a1211d99b2bddc3fddcc99ec99f4244743fe3dcd3d9020583b47f7b6"
    "6a2ec66bb897b9";

class MeasureCca : public testing::Test {
 protected:
  MeasureCca() {}
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const {
    const std::string path = folder_.file(name);
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static Ran measure(const std::vector<std::string>& more) {
    std::vector<std::string> words{"measure", "cca", "--num-wps", "6", "--num-bps", "6"};
    words.insert(words.end(), more.begin(), more.end());
    return run_command(words);
  }
  [[nodiscard]] std::vector<std::string> kvmtool(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"--vmm",    "kvmtool", "--firmware", file("firmware", "FW CONTENT"),
                                   "--memory", "512MiB",  "--ipa-bits", "52"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  tests::TemporaryFolder folder_;
};

TEST_F(MeasureCca, OfKvmtoolIsThatOfTheReferenceTool) {
  const Ran ran = measure(kvmtool({"--json"}));
  EXPECT_EQ(ran.code, 0) << ran.err;
  const Json json = Json::parse(ran.out, "measurement");
  EXPECT_EQ(json.at("schema").text(), "bulkhead.measurement/v1");
  EXPECT_EQ(json.at("tee").text(), "cca");
  EXPECT_EQ(json.at("rim").text(), kvmtool_rim + std::string(64, '0'));
  EXPECT_EQ(json.at("assumed").at("hash").text(), "sha256");
}

TEST_F(MeasureCca, OfQemuSaysForPeopleWhatItAssumed) {
  const Ran ran = measure({"--ipa-bits", "52", "--pmu-num-ctrs", "6", "--pmu", "--memory", "128MiB"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("qemu, memory 128MiB, 1 vCPUs, sha512, "));
  EXPECT_THAT(ran.out, HasSubstr("realm initial measurement\n  " + qemu_rim + "\n"));
}

TEST_F(MeasureCca, IsWrittenForVerifiers) {
  EXPECT_EQ(measure(kvmtool({"--format", "hex"})).out, kvmtool_rim + "\n");
  const Ran corim = measure(kvmtool({"--format", "corim"}));
  EXPECT_EQ(corim.code, 0) << corim.err;
  const measurement::CorimDocument document = measurement::parse_corim(base::bytes_of(corim.out), "corim");
  ASSERT_EQ(document.values.size(), 1U);
  EXPECT_THAT(document.values[0].name, HasSubstr("Arm/CCA/RIM"));
  EXPECT_EQ(base::hex(document.values[0].digests.at(0)), kvmtool_rim);
}

struct Wrong {
  std::vector<std::string> words;
  int code;
  const char* message;
};
TEST_F(MeasureCca, RefusesWhatMakesNoSense) {
  for (const Wrong& wrong :
       {Wrong{{"--format", "rvps"}, 64, "Trustee's default policy has no names for this platform"},
        Wrong{{"--format", "libvirt"}, 64, "libvirt has no <launchSecurity> for this kind of guest"},
        Wrong{{"--vmm", "crosvm"}, 64, "--vmm: got 'crosvm', wanted qemu or kvmtool"},
        Wrong{{"--hash", "md5"}, 64, "wanted sha256 or sha512"}, Wrong{{"--memory", "1"}, 64, "--memory: got '1'"},
        Wrong{{"--initrd", "x"}, 64, "--initrd requires --kernel"},
        Wrong{{"--firmware", "/no/such"}, 1, "cannot read /no/such"},
        Wrong{{"--kernel", file("kernel", std::string(64, 'k'))}, 3, "no 'ARMd' magic"}}) {
    const Ran ran = measure(wrong.words);
    EXPECT_EQ(ran.code, wrong.code) << wrong.message << "\n" << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(wrong.message));
  }
}

}  // namespace
}  // namespace cli
