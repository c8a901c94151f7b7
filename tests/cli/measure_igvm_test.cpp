#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/json.h"
#include "base/posix_files.h"
#include "tests/cli/run_command.h"
#include "tests/measurement/igvm_builder.h"
#include "tests/measurement/test_files.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using measurement::IgvmBuilder;
using measurement::IgvmPlatformType;
using testing::Contains;
using testing::HasSubstr;

/// One IGVM file on disk: a page and a vCPU for SEV-SNP.
class MeasureIgvm : public testing::Test {
 protected:
  MeasureIgvm() {
    IgvmBuilder builder;
    builder.platform(1, IgvmPlatformType::snp, 2).page(0x10000, {.data = measurement::pattern_page(1)});
    write(builder.context(0, measurement::fixture_save_area()).build());
  }
  void write(const base::Buffer& bytes) const { base::write_file_atomically(path_, bytes, 0644); }

  [[nodiscard]] Ran measure(std::vector<std::string> words) const {
    words.insert(words.begin(), {"measure", "igvm", "--igvm", path_});
    return run_command(words);
  }
  [[nodiscard]] Json json(std::vector<std::string> words = {}) const {
    words.emplace_back("--json");
    const Ran ran = measure(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return Json::parse(ran.out, "output");
  }

 private:
  tests::TemporaryFolder folder_;
  std::string path_ = folder_.file("guest.igvm");
};

// igvmmeasure's value for these directives (tests/data/measurement/igvm).
constexpr const char* snp_nopolicy =
    "e365d7cb5643a98ef0142e60df4d616878ab1042a6d7f5c058797d4b04edb69a1293271a342f3ad305db3bbbe3f4387b";

TEST_F(MeasureIgvm, GivesOneDigestInFileOrderAndQemusBesideIt) {
  const Json found = json();
  EXPECT_EQ(found.at("schema").text(), "bulkhead.measurement/v1");
  EXPECT_EQ(found.at("tee").text(), "snp");
  EXPECT_EQ(found.at("launchDigest").text(), snp_nopolicy);
  EXPECT_EQ(found.at("launchDigests").at("file").text(), snp_nopolicy);
  EXPECT_EQ(found.at("launchDigests").at("qemuOrder").text(), snp_nopolicy);
  EXPECT_NE(found.at("launchDigests").at("qemu").text(), snp_nopolicy);
  EXPECT_TRUE(found.at("idBlock").is_null());
  EXPECT_EQ(found.at("warnings").array().size(), 3U);
}

TEST_F(MeasureIgvm, PutsTheDigestFirstThatIsAskedFor) {
  const Json found = json({"--vmm", "qemu", "--vcpus", "2", "--cpu", "EPYC-Milan"});
  EXPECT_EQ(found.at("launchDigest").text(), found.at("launchDigests").at("qemu").text());
  EXPECT_EQ(found.at("assumed").at("vcpus").integer(), 2);
}

TEST_F(MeasureIgvm, SaysForPeopleWhatItAssumedAndWarned) {
  const Ran ran = measure({});
  EXPECT_EQ(ran.code, 0);
  for (const char* text :
       {"hypervisor", "pages without data  normal", "file order    e365d7cb", "warning: vCPU 0: KVM"})
    EXPECT_THAT(ran.out, HasSubstr(text));
}

TEST_F(MeasureIgvm, ReportsTheIdBlockOfTheFile) {
  const base::Buffer bytes =
      measurement::testing_files::read(measurement::testing_files::vectors() / "snp/igvm/snp_basic_signed.igvm");
  if (bytes.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  write(bytes);
  const Json found = json();
  const Json& block = found.at("idBlock");
  EXPECT_EQ(block.at("launchDigest").text(), found.at("launchDigest").text());
  EXPECT_TRUE(block.at("matches").at("file").boolean());
  EXPECT_FALSE(block.at("matches").at("qemu").boolean());
  EXPECT_TRUE(block.at("idBlockSigned").boolean());
  EXPECT_TRUE(block.at("idKeySigned").boolean());
  EXPECT_EQ(block.at("policy").text(), "0x30000");
  EXPECT_THAT(measure({}).out, HasSubstr("warning: the ID block expects another launch digest than QEMU"));
}

struct Wrong {
  std::vector<std::string> words;
  int code;
  const char* message;
};
class WrongIgvmFlag : public MeasureIgvm, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongIgvmFlag, IsNamed) {
  const Ran ran = measure(GetParam().words);
  EXPECT_EQ(ran.code, GetParam().code);
  EXPECT_THAT(ran.err, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(Table, WrongIgvmFlag,
                         testing::Values(Wrong{{"--vmm", "ec2"}, 64, "ec2"},
                                         Wrong{{"--zero-pages", "none"}, 64, "none"},
                                         Wrong{{"--vcpus", "0"}, 3, "vCPUs: got 0"}, Wrong{{"--tee", "tdx"}, 64, "tdx"},
                                         Wrong{{"--tee", "sev"}, 1, "the file is for SEV-SNP, wanted SEV"},
                                         Wrong{{"--vmm", "qemu", "--vcpus", "2"}, 64, "give --cpu MODEL"}));

TEST_F(MeasureIgvm, RefusesADamagedFile) {
  write(base::Buffer(100, 1));
  const Ran ran = measure({});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("IGVM+0x0: magic"));
}

}  // namespace
}  // namespace cli
