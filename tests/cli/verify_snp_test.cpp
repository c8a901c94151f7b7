#include <gmock/gmock.h>

#include "base/json.h"
#include "tests/cli/run_command.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;

const std::string data = BULKHEAD_TEST_DATA;
const std::string genoa = data + "/measurement/snp-reports/genoa-v3.hex";
const std::string genoa_vcek = data + "/attestation/snp/genoa-v3-vcek.pem";
const std::string milan_vcek = data + "/attestation/snp/gosev-vcek.pem";

Ran verify(std::vector<std::string> more) {
  std::vector<std::string> words{"verify", "snp", genoa, "--time", "2026-01-01T00:00:00Z"};
  words.insert(words.end(), more.begin(), more.end());
  return run_command(words);
}

TEST(VerifySnpVerb, SaysGenuineWithEveryFieldAndCheck) {
  const Ran ran = verify({"--certs", genoa_vcek, "--json"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const Json json = Json::parse(ran.out, "output");
  EXPECT_EQ(json.at("schema").text(), "bulkhead.verification/v1");
  EXPECT_TRUE(json.at("genuine").boolean());
  EXPECT_EQ(json.at("product").text(), "Genoa");
  EXPECT_EQ(json.at("checks").array().size(), 13U);
  EXPECT_EQ(json.at("report").at("version").integer(), 3);
  EXPECT_EQ(json.at("report").at("cpuid").at("model").integer(), 160);
  EXPECT_EQ(json.at("report").at("reportedTcb").at("microcode").integer(), 25);
  EXPECT_EQ(json.at("key").at("kind").text(), "vcek");
  EXPECT_EQ(json.at("key").at("chain").array().size(), 3U);
}

TEST(VerifySnpVerb, TakesTheRightCertificateOfAFolder) {
  const Ran ran = verify({"--certs", data + "/attestation/snp"});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("\ngenuine\n"));
}

struct Refused {
  std::string name;
  std::vector<std::string> words;
  int code;
  std::string text;
};
void PrintTo(const Refused& refused, std::ostream* out) {
  *out << refused.name;
}
class RefusedReport : public testing::TestWithParam<Refused> {};
TEST_P(RefusedReport, ExitsAsItMust) {
  const Ran ran = verify(GetParam().words);
  EXPECT_EQ(ran.code, GetParam().code);
  EXPECT_THAT(ran.out + ran.err, HasSubstr(GetParam().text));
}
INSTANTIATE_TEST_SUITE_P(
    Table, RefusedReport,
    testing::Values(Refused{"no_certificate", {}, 5, "FAILED  certificate         none was given"},
                    Refused{"certificate_of_another_chip", {"--certs", milan_vcek}, 5, "FAILED  chipId"},
                    Refused{"crl_demanded", {"--certs", genoa_vcek, "--require-crl"}, 5, "crlMissing: CN=SEV-Genoa"},
                    Refused{"other_product", {"--certs", genoa_vcek, "--product", "milan"}, 5, "FAILED  product"},
                    Refused{"other_report_data",
                            {"--certs", genoa_vcek, "--report-data", std::string(128, '0')},
                            5,
                            "FAILED  reportData"},
                    Refused{"certificates_that_are_none", {"--certs", genoa}, 3, "genoa-v3.hex: wanted a certificate"},
                    Refused{
                        "certificates_that_are_not_there", {"--certs", "/nonexistent"}, 1, "cannot read /nonexistent"},
                    Refused{"unknown_product", {"--product", "rome"}, 64, "--product: got 'rome'"},
                    Refused{"short_report_data", {"--report-data", "00"}, 64, "wanted 128 hexadecimal digits"}),
    [](const auto& test) { return test.param.name; });

TEST(VerifySnpVerb, RefusesWhatIsNoReport) {
  const Ran ran = run_command({"verify", "snp", genoa_vcek});
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("genoa-v3-vcek.pem: SNP report+"));
}

TEST(VerifySnpVerb, RefusesATimeThatIsNone) {
  const Ran ran = run_command({"verify", "snp", genoa, "--time", "noon"});
  EXPECT_EQ(ran.code, 64);
  EXPECT_THAT(ran.err, HasSubstr("--time: got 'noon'"));
}

}  // namespace
}  // namespace cli
