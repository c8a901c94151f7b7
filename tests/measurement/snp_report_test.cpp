#include "measurement/snp_report.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(SnpReport, HasTheFieldsOfEveryVector) {
  const auto folder = testing_files::vectors() / "snp-reports";
  const base::Buffer text = testing_files::read(folder / "manifest.json");
  if (text.empty()) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  const base::Json manifest = base::Json::parse(base::text_of(text), "manifest");
  for (const base::Json& entry : manifest.array()) {
    const std::string& name = entry.at("name").text();
    const SnpReport report = parse_snp_report(testing_files::read(folder / name / "report.bin"));
    const base::Json& wanted = entry.at("report");
    EXPECT_EQ(report.version, wanted.at("version").integer()) << name;
    EXPECT_EQ(report.guest_svn, wanted.at("guest_svn").integer()) << name;
    EXPECT_EQ(base::hex_number(report.policy), wanted.at("policy").text()) << name;
    EXPECT_EQ(base::hex(report.family_id), wanted.at("family_id").text()) << name;
    EXPECT_EQ(base::hex(report.image_id), wanted.at("image_id").text()) << name;
    EXPECT_EQ(base::hex(report.report_data), wanted.at("report_data").text()) << name;
    EXPECT_EQ(report.measurement.hex(), wanted.at("measurement").text()) << name;
    EXPECT_EQ(report.host_data.hex(), wanted.at("host_data").text()) << name;
    EXPECT_EQ(report.id_key_digest.hex(), wanted.at("id_key_digest").text()) << name;
    EXPECT_EQ(report.author_key_digest.hex(), wanted.at("author_key_digest").text()) << name;
    EXPECT_EQ(report.host_cpuid_signature.has_value(), report.version >= 3) << name;
  }
}

/// A report of `version` in which nothing else is set.
base::Buffer report_of(std::uint8_t version) {
  base::Buffer bytes(1184);
  bytes[0] = version;
  return bytes;
}

struct Damage {
  const char* name;
  std::uint8_t version;
  std::size_t at;
  const char* message;
};
class DamagedSnpReport : public testing::TestWithParam<Damage> {};

TEST_P(DamagedSnpReport, IsRefusedWithItsPlace) {
  base::Buffer bytes = report_of(GetParam().version);
  bytes[GetParam().at] = 9;
  EXPECT_THAT([&] { parse_snp_report(bytes); }, ThrowsMessage<base::Error>(HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(Field, DamagedSnpReport,
                         testing::Values(Damage{"version", 2, 0, "+0x0: version 9, wanted 2 to 5"},
                                         Damage{"after_key_info", 2, 0x4c, "+0x4c: reserved byte"},
                                         Damage{"family_of_version_2", 2, 0x188, "+0x188: reserved byte"},
                                         Damage{"after_stepping", 3, 0x18b, "+0x18b: reserved byte"},
                                         Damage{"mitigations_of_version_4", 4, 0x1f8, "+0x1f8: reserved byte"},
                                         Damage{"before_signature", 5, 0x29f, "+0x29f: reserved byte"}),
                         [](const auto& damage) { return damage.param.name; });

TEST(SnpReport, IsRefusedWithAnotherSize) {
  EXPECT_THROW(parse_snp_report(base::Buffer(1183)), base::Error);
  EXPECT_THROW(parse_snp_report(base::Buffer(1185)), base::Error);
  EXPECT_NO_THROW(parse_snp_report(report_of(5)));
}

}  // namespace
}  // namespace measurement
