#include "measurement/snp_report.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

base::Buffer recorded(const std::string& name) {
  std::string digits = base::text_of(testing_files::read(testing_files::data() / "snp-reports" / name));
  std::erase(digits, '\n');
  return base::from_hex(digits).value();
}

TEST(SnpReport, OfVersion2HasTheFieldsItsPublisherStates) {
  const SnpReport report = parse_snp_report(recorded("milan-v2.hex"));
  EXPECT_EQ(report.version, 2U);
  EXPECT_EQ(report.guest_svn, 0U);
  EXPECT_EQ(report.policy, 0xb0000U);
  EXPECT_EQ(report.vmpl, 0U);
  EXPECT_EQ(report.measurement.hex(),
            "b07af9620f3b839b47996422ddec6058338951d984e312115131ea82705eaf5b6bdf8a9ece31a5a608eb0cf2e4872b01");
  EXPECT_EQ(report.host_data, base::Sha256{});
  EXPECT_EQ(base::hex(report.report_data).substr(0, 10), "0102030405");
  EXPECT_EQ(report.host_cpuid_signature, std::nullopt);
}

TEST(SnpReport, OfVersion3NamesTheHostsProcessor) {
  const SnpReport report = parse_snp_report(recorded("genoa-v3.hex"));
  EXPECT_EQ(report.version, 3U);
  EXPECT_EQ(report.host_cpuid_signature, 0xaa0f02U);  // family 0x19, model 0xa0, stepping 2: Bergamo
}

TEST(SnpReport, IsReadForAVerifierWithItsReservedBytesNamed) {
  base::Buffer bytes = recorded("milan-v2.hex");
  EXPECT_THAT(read_snp_report(bytes).reserved, testing::IsEmpty());
  bytes[0x4d] = 2;
  bytes[0x18b] = 1;
  EXPECT_THAT(read_snp_report(bytes).reserved,
              testing::ElementsAre(HasSubstr("+0x4d: reserved byte is 0x2"), HasSubstr("+0x18b")));
}

/// The manifest has TCB versions as the report has them: eight bytes, the boot loader's version first.
std::string tcb_text(std::uint64_t tcb) {
  base::Buffer bytes;
  for (unsigned shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<std::uint8_t>(tcb >> shift));
  return base::hex(bytes);
}

TEST(SnpReport, HasTheFieldsOfEverySharedVector) {
  const auto folder = testing_files::vectors() / "snp-reports";
  const base::Buffer text = testing_files::read(folder / "manifest.json");
  if (text.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  const base::Json manifest = base::Json::parse(base::text_of(text), "manifest");
  for (const base::Json& vector : manifest.array()) {
    SCOPED_TRACE(vector.at("name").text());
    const SnpReport report = parse_snp_report(testing_files::read(folder / vector.at("name").text() / "report.bin"));
    const base::Json& wanted = vector.at("report");
    EXPECT_EQ(report.version, wanted.at("version").integer());
    EXPECT_EQ(report.guest_svn, wanted.at("guest_svn").integer());
    EXPECT_EQ(base::hex_number(report.policy), wanted.at("policy").text());
    EXPECT_EQ(base::hex(report.family_id), wanted.at("family_id").text());
    EXPECT_EQ(base::hex(report.image_id), wanted.at("image_id").text());
    EXPECT_EQ(report.vmpl, wanted.at("vmpl").integer());
    EXPECT_EQ(base::hex(report.report_data), wanted.at("report_data").text());
    EXPECT_EQ(report.measurement.hex(), wanted.at("measurement").text());
    EXPECT_EQ(report.host_data.hex(), wanted.at("host_data").text());
    EXPECT_EQ(report.id_key_digest.hex(), wanted.at("id_key_digest").text());
    EXPECT_EQ(report.author_key_digest.hex(), wanted.at("author_key_digest").text());
    EXPECT_EQ(report.signature_algorithm, wanted.at("signature_algo").integer());
    EXPECT_EQ(base::hex_number(report.platform_info), wanted.at("platform_info").text());
    EXPECT_EQ(base::hex_number(report.key_info), wanted.at("flags").text());
    EXPECT_EQ(base::hex(report.report_id), wanted.at("report_id").text());
    EXPECT_EQ(base::hex(report.report_id_ma), wanted.at("report_id_ma").text());
    EXPECT_EQ(base::hex(report.chip_id), wanted.at("chip_id").text());
    EXPECT_EQ(tcb_text(report.current_tcb), wanted.at("current_tcb").text());
    EXPECT_EQ(tcb_text(report.reported_tcb), wanted.at("reported_tcb").text());
    EXPECT_EQ(tcb_text(report.committed_tcb), wanted.at("committed_tcb").text());
    EXPECT_EQ(tcb_text(report.launch_tcb), wanted.at("launch_tcb").text());
  }
}

struct Damage {
  std::string name;
  std::function<void(base::Buffer&)> damage;
  std::string why;
};
void PrintTo(const Damage& damage, std::ostream* out) {
  *out << damage.name;
}
class DamagedSnpReport : public testing::TestWithParam<Damage> {};

TEST_P(DamagedSnpReport, IsRefusedWithItsPlace) {
  base::Buffer report = recorded("milan-v2.hex");
  GetParam().damage(report);
  EXPECT_THAT([&] { (void)parse_snp_report(report); }, ThrowsMessage<base::Error>(HasSubstr(GetParam().why)));
}

INSTANTIATE_TEST_SUITE_P(
    Table, DamagedSnpReport,
    testing::Values(
        Damage{"empty", [](base::Buffer& report) { report.clear(); }, "report of 0 bytes, wanted 1184"},
        Damage{"truncated", [](base::Buffer& report) { report.pop_back(); }, "SNP report+0x49f: report of 1183 bytes"},
        Damage{"trailing", [](base::Buffer& report) { report.push_back(0); }, "report of 1185 bytes"},
        Damage{"version_1", [](base::Buffer& report) { report[0] = 1; }, "SNP report+0x0: version 1, wanted 2 to 5"},
        Damage{"version_6", [](base::Buffer& report) { report[0] = 6; }, "version 6, wanted 2 to 5"},
        Damage{"reserved_4c", [](base::Buffer& report) { report[0x4f] = 1; }, "SNP report+0x4f: reserved byte is 0x1"},
        Damage{"cpuid_in_version_2", [](base::Buffer& report) { report[0x188] = 0x19; }, "SNP report+0x188"},
        Damage{"reserved_18b", [](base::Buffer& report) { report[0x19f] = 1; }, "SNP report+0x19f"},
        Damage{"reserved_1eb", [](base::Buffer& report) { report[0x1eb] = 1; }, "SNP report+0x1eb"},
        Damage{"reserved_1ef", [](base::Buffer& report) { report[0x1ef] = 1; }, "SNP report+0x1ef"},
        Damage{"mitigations_in_version_2", [](base::Buffer& report) { report[0x1f8] = 1; }, "SNP report+0x1f8"},
        Damage{"reserved_208", [](base::Buffer& report) { report[0x29f] = 1; }, "SNP report+0x29f"},
        Damage{"signature_r_too_long", [](base::Buffer& report) { report[0x2a0 + 48] = 1; }, "SNP report+0x2d0"},
        Damage{"signature_s_too_long", [](base::Buffer& report) { report[0x2e8 + 71] = 1; }, "SNP report+0x32f"},
        Damage{"reserved_after_signature", [](base::Buffer& report) { report[0x49f] = 1; }, "SNP report+0x49f"},
        Damage{"stepping",
               [](base::Buffer& report) {
                 report[0] = 3;
                 report[0x18a] = 0x10;
               },
               "CPU stepping: got 0x10"}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace measurement
