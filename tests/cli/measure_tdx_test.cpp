#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "base/json.h"
#include "tests/cli/run_command.h"
#include "tests/measurement/tdvf_image.h"
#include "tests/measurement/test_files.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using measurement::testing_files::vectors;
using testing::HasSubstr;

// aleph-im/aleph-vm (MIT), unit test of its TDX measurement.
constexpr const char* small_mrtd =
    "168f5582b72265ed01aad1edd402f5d096c12d95385b5f38959b5cc8c128e6efe6e13e854e211a1ee4e4a4eeafa36fa6";

class MeasureTdx : public testing::Test {
 protected:
  [[nodiscard]] std::string file(const std::string& name, base::Bytes content) const {
    const std::filesystem::path path = folder_.file(name);
    std::filesystem::create_directories(path.parent_path());
    const std::string text = base::text_of(content);
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
  [[nodiscard]] std::string firmware() const { return file("tdvf.fd", measurement::testing_files::tdvf_image()); }
  static Ran measure(std::vector<std::string> words) {
    words.insert(words.begin(), {"measure", "tdx"});
    return run_command(words);
  }
  static Json json(std::vector<std::string> words) {
    words.emplace_back("--json");
    const Ran ran = measure(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return Json::parse(ran.out, "output");
  }
  tests::TemporaryFolder folder_;
};

TEST_F(MeasureTdx, GivesTheMrtdOfAnyTdvf) {
  const Json report = json({"--firmware", firmware()});
  EXPECT_EQ(report.at("schema").text(), "bulkhead.measurement/v1");
  EXPECT_EQ(report.at("mrtd").text(), small_mrtd);
  EXPECT_TRUE(report.at("rtmr").array().at(0).is_null());
  EXPECT_THAT(report.at("unknown").at("rtmr0").text(), HasSubstr("no LZMA-compressed volume"));
  EXPECT_EQ(report.at("rtmr").array().at(3).text(), std::string(96, '0'));
  const std::string two_pages = file(
      "two.fd",
      measurement::testing_files::tdvf_image({{0, 0x2000, 0xffffe000, 0x2000, 0, 1}, {0, 0, 0x809000, 0x2000, 2, 0}}));
  EXPECT_NE(json({"--firmware", two_pages, "--page-order", "two-pass"}).at("mrtd"),
            json({"--firmware", two_pages}).at("mrtd"));
}

TEST_F(MeasureTdx, SaysForPeopleWhatItAssumedAndWhatItDoesNotKnow) {
  const Ran ran = measure({"--firmware", firmware(), "--memory", "3G"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("memory 3G, machine q35, pages added in single-pass"));
  EXPECT_THAT(ran.out, HasSubstr(std::string("  MRTD           ") + small_mrtd));
  EXPECT_THAT(ran.out, HasSubstr("  RTMR0          not known: firmware: no LZMA"));
}

TEST_F(MeasureTdx, RepeatsTheOwnersValuesInHex) {
  const Json report =
      json({"--firmware", firmware(), "--mrconfigid", std::string(96, 'A'), "--mrowner", std::string(64, 'A')});
  EXPECT_EQ(report.at("mrConfigId").text(), std::string(96, 'a'));
  EXPECT_EQ(report.at("mrOwnerConfig").text(), std::string(96, '0'));
}

struct Wrong {
  std::vector<std::string> words;
  int code;
  const char* message;
};
TEST_F(MeasureTdx, RefusesWhatMakesNoSense) {
  for (const Wrong& wrong : {Wrong{{"--memory", "2"}, 64, "--memory: got '2', wanted a size"},
                             Wrong{{"--page-order", "three"}, 64, "wanted single-pass or two-pass"},
                             Wrong{{"--qemu-version", "ten"}, 64, "--qemu-version: got 'ten'"},
                             Wrong{{"--processor-id", "f2"}, 64, "16 hexadecimal digits"},
                             Wrong{{"--mrowner", "abc"}, 64, "--mrowner: got 'abc', wanted 48 bytes"},
                             Wrong{{"--acpi", folder_.file("nothing")}, 1, "has no dump of fw_cfg"},
                             Wrong{{"--initrd", "x"}, 64, "--initrd requires --kernel"}}) {
    std::vector<std::string> words{"--firmware", firmware()};
    words.insert(words.end(), wrong.words.begin(), wrong.words.end());
    const Ran ran = measure(words);
    EXPECT_EQ(ran.code, wrong.code) << wrong.message;
    EXPECT_THAT(ran.err, HasSubstr(wrong.message));
  }
  EXPECT_EQ(measure({}).code, 64);
  EXPECT_EQ(measure({"--firmware", file("short.fd", base::Buffer(4096))}).code, 3);
}

// fortanix/tdx-measure (Apache-2.0), tests/fixtures/canonical-defaults: only the tables were kept.
TEST_F(MeasureTdx, GivesThePublishedRtmr0FromTablesUnderAnyOfTheirNames) {
  const base::Buffer tables =
      measurement::testing_files::read(vectors() / "tdx/tdx-measure/canonical-defaults/acpi_tables.bin");
  if (tables.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  for (const char* name :
       {"acpi_tables.bin", "etc_acpi_tables", "tables.bin", "etc/acpi/tables", "etc/acpi/tables/raw"}) {
    const std::string place = file(std::string("dump/") + name, tables);
    const Json report = json(
        {"--firmware", vectors() / "tdx/firmware/ubuntu_2025.02-3ubuntu2_OVMF.fd", "--acpi", folder_.file("dump")});
    EXPECT_EQ(report.at("rtmr").array().at(0).text(),
              "e1cf95c7fedaa78087b3eb237148869f804642b7939d59c8825db269ffadf190d4a7fd4f44d9b10ba7ff44c12dd564f5")
        << name;
    EXPECT_EQ(report.at("unknown").at("rtmr1").text(), "kernel: not given");
    std::filesystem::remove_all(folder_.file("dump"));
  }
}

}  // namespace
}  // namespace cli
