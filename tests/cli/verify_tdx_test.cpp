#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "base/encoding.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;

class VerifyTdxVerb : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder())) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  }
  static std::filesystem::path folder() {
    const char* const set = std::getenv("BULKHEAD_VECTORS");
    const std::filesystem::path root =
        set != nullptr ? set : std::filesystem::path(BULKHEAD_SOURCE_DIR) / ".." / "shared" / "vectors";
    return root / "attest" / "tdx";
  }
  static std::string vector(const std::string& name) { return (folder() / "quotes" / name).string(); }
  /// `verify tdx` of the quote that is up to date, at a time at which its collateral is fresh.
  static Ran up_to_date(std::vector<std::string> more) {
    std::vector<std::string> words{"verify",
                                   "tdx",
                                   vector("gotdx_cos113_quote.dat"),
                                   "--collateral",
                                   vector("gotdx_cos113_quote_collateral.json"),
                                   "--time",
                                   "2025-02-20T00:00:00Z"};
    words.insert(words.end(), more.begin(), more.end());
    return run_command(words);
  }
  tests::TemporaryFolder temporary_;
};

TEST_F(VerifyTdxVerb, PrintsEveryFieldAndCheck) {
  const Ran ran = up_to_date({"--json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const Json found = Json::parse(ran.out, "verdict");
  EXPECT_EQ(found.at("schema"), Json("bulkhead.verification/v1"));
  EXPECT_EQ(found.at("evidence"), Json("tdx"));
  EXPECT_EQ(found.at("genuine"), Json(true));
  EXPECT_EQ(found.at("tcb").at("status"), Json("UpToDate"));
  EXPECT_EQ(found.at("platform").at("fmspc"), Json("00806f050000"));
  EXPECT_EQ(found.at("quote").at("tdAttributes").at("debug"), Json(false));
  EXPECT_EQ(found.at("quote").at("rtmr").array().size(), 4U);
  EXPECT_EQ(found.at("quote").at("trailingBytes"), Json(3065));
  for (const Json& check : found.at("checks").array()) EXPECT_EQ(check.at("outcome"), Json("ok")) << ran.out;
  const Ran text = up_to_date({});
  EXPECT_THAT(text.out, HasSubstr("ok      quoteSignature"));
  EXPECT_THAT(text.out, HasSubstr("TCB status UpToDate"));
}

TEST_F(VerifyTdxVerb, RefusesStaleCollateralARollbackAndOtherReportData) {
  EXPECT_EQ(up_to_date({"--min-evaluation-number", "17"}).code, 0);
  EXPECT_EQ(up_to_date({"--min-evaluation-number", "18"}).code, 5);
  EXPECT_EQ(up_to_date({"--report-data", std::string(128, 'f')}).code, 5);
  std::vector<std::string> late{"verify",
                                "tdx",
                                vector("gotdx_cos113_quote.dat"),
                                "--collateral",
                                vector("gotdx_cos113_quote_collateral.json"),
                                "--time",
                                "2025-03-20T00:00:00Z"};
  EXPECT_EQ(run_command(late).code, 5);
  late.insert(late.end(), {"--grace", "10"});
  EXPECT_EQ(run_command(late).code, 0);
}

TEST_F(VerifyTdxVerb, SaysWhatIsKnownWithoutCollateral) {
  const Ran ran = run_command({"verify", "tdx", vector("gotdx_cos113_quote.dat")});
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.out, HasSubstr("Its signatures are valid from Intel's root down to the quote."));
}

TEST_F(VerifyTdxVerb, WarnsOfADebugTd) {
  const Ran ran = run_command({"verify", "tdx", vector("trustee_tdx_quote_4.dat"), "--collateral",
                               vector("trustee_tdx_quote_4_collateral.json"), "--time", "2026-03-20T00:00:00Z"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("TCB status OutOfDate INTEL-SA-"));
  EXPECT_THAT(ran.out, HasSubstr("a debug TD"));
}

TEST_F(VerifyTdxVerb, TakesCollateralFromAStore) {
  const std::string store = temporary_.file("store");
  std::vector<std::string> import{"certificates", "import", "--store", store};
  for (const char* name :
       {"automata_tcbinfov3_00806f050000.json", "automata_qeidentityv2_apiv4.json", "automata_tcb_signing_cert.pem",
        "automata_intel_root_ca_crl.der", "automata_pck_certchain.pem", "automata_pck_platform_crl.der"})
    import.push_back((folder() / "collateral" / name).string());
  const Ran imported = run_command(import);
  ASSERT_EQ(imported.code, 0) << imported.err;
  const std::vector<std::string> words{
      "verify", "tdx", vector("gotdx_cos113_quote.dat"), "--store", store, "--time", "2025-02-20T00:00:00Z"};
  EXPECT_EQ(run_command(words).code, 0) << run_command(words).out;
  EXPECT_EQ(run_command({"verify", "tdx", vector("gotdx_cos113_quote.dat"), "--store", "/nowhere"}).code, 1);
}

TEST_F(VerifyTdxVerb, ReadsHexadecimalText) {
  const std::string bytes = base::read_file(vector("gotdx_cos113_quote.dat"), 1U << 16U);
  const std::string path = temporary_.file("quote.hex");
  base::write_file_atomically(path, base::hex(base::bytes_of(bytes)) + "\n", 0600);
  EXPECT_THAT(run_command({"verify", "tdx", path}).out, HasSubstr("ok      quoteSignature"));
}

// Trustee's evidence brings the log; this pair is of one boot, whose RTMR0 to 2 it adds up to.
TEST_F(VerifyTdxVerb, ComparesTheEventLogOfKbsEvidence) {
  const std::string path = temporary_.file("evidence.json");
  const auto encoded = [](const std::filesystem::path& file) {
    const std::string content = base::read_file(file.string(), 1U << 20U);
    return base::base64(base::bytes_of(content));
  };
  const Json evidence = Json::Object{{"quote", encoded(vector("gotdx_cos113_quote.dat"))},
                                     {"cc_eventlog", encoded(folder() / "ccel" / "gotdx_cos113_ccel.dat")}};
  base::write_file_atomically(path, Json(Json::Object{{"primary_evidence", evidence}}).compact(), 0600);
  EXPECT_THAT(run_command({"verify", "tdx", path}).out, HasSubstr("ok      eventLog"));
  Json foreign = evidence;
  foreign["cc_eventlog"] = encoded(folder() / "ccel" / "CCEL_data");
  base::write_file_atomically(path, foreign.compact(), 0600);
  EXPECT_THAT(run_command({"verify", "tdx", path}).out, HasSubstr("warning eventLog"));
}

TEST_F(VerifyTdxVerb, SaysWhatIsMalformed) {
  const Ran sgx = run_command({"verify", "tdx", vector("trustee_sgx_quote_v3.dat")});
  EXPECT_EQ(sgx.code, 3);
  EXPECT_THAT(sgx.err, HasSubstr("version 3: an SGX quote"));
  EXPECT_EQ(run_command({"verify", "tdx", vector("neg/tdx_v4_bad_len")}).code, 3);
  EXPECT_EQ(up_to_date({"--collateral", (folder() / "gotdx_tdreport.dat").string()}).code, 3);
  EXPECT_EQ(run_command({"verify", "tdx", vector("neg/tdx_v4_flip_mrtd")}).code, 5);
  EXPECT_EQ(up_to_date({"--report-data", "00"}).code, 64);
  EXPECT_EQ(up_to_date({"--collateral", "/nowhere"}).code, 1);
}

}  // namespace
}  // namespace cli
