#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/attestation/intel_platform.h"
#include "tests/attestation/tdx_vectors.h"

// A platform and a PKI of the tests' own, so that every reason to refuse can be made.
namespace attestation {
namespace {

using namespace intel_platform;
using tdx_vectors::failed;
using tdx_vectors::find;
using tdx_vectors::named;
using testing::ElementsAre;
using testing::IsEmpty;

using Names = std::vector<std::string>;
using Bend = std::function<void(Scenario&)>;

TdxVerification verified(const Bend& bend) {
  Scenario scenario;
  bend(scenario);
  return Platform(scenario).verify();
}

TEST(VerifyTdx, CallsAGoodQuoteGenuineAndUpToDate) {
  const TdxVerification found = Platform().verify();
  EXPECT_THAT(failed(found), IsEmpty());
  EXPECT_THAT(named(found, Check::Outcome::not_checked), IsEmpty());
  EXPECT_TRUE(found.genuine && found.signatures_valid);
  ASSERT_TRUE(found.tcb.has_value());
  EXPECT_EQ(found.tcb->status, TcbStatus::up_to_date);
  EXPECT_THAT(found.tcb->advisories, ElementsAre("INTEL-SA-00001", "INTEL-SA-00002", "INTEL-SA-00003"));
}

TEST(VerifyTdx, SaysWhatIsKnownOfThePlatform) {
  const Platform platform;
  const JudgedPlatform found =
      judge_platform(measurement::parse_td_quote(platform.quote_bytes()), platform.collateral(), platform.request());
  ASSERT_TRUE(found.certified && found.facts);
  EXPECT_EQ(base::hex(found.facts->fmspc), "424242424242");
  ASSERT_EQ(found.documents.size(), 2U);
  EXPECT_EQ(found.documents[0].name, "tcbInfo");
  EXPECT_EQ(found.documents[1].edition.evaluation_number, 18);
}

struct Refused {
  std::string why;
  Bend bend;
  Names failed, not_checked;
};

const Refused refusals[] = {
    {"revoked PCK", [](Scenario& s) { s.revoked_by_ca = {99, pck_serial}; }, {"pckRevocation"}, {}},
    {"revoked platform CA", [](Scenario& s) { s.revoked_by_root = {ca_serial}; }, {"pckRevocation"}, {}},
    {"revoked TCB signing certificate",
     [](Scenario& s) { s.revoked_by_root = {signer_serial}; },
     {"tcbInfoSignerRevocation", "qeIdentitySignerRevocation"},
     {}},
    {"expired PCK", [](Scenario& s) { s.pck_until = now - 1; }, {"pckChain"}, {}},
    {"PCK not yet valid", [](Scenario& s) { s.pck_from = now + 1; }, {"pckChain"}, {}},
    {"another root of the same name", [](Scenario& s) { s.foreign_ca = true; }, {"pckChain"}, {"pckRevocation"}},
    {"another Intel certificate as PCK", [](Scenario& s) { s.pck_name = "Intel SGX TCB Signing"; }, {"pckChain"}, {}},
    {"another intermediate", [](Scenario& s) { s.ca_name = "Intel SGX Other CA"; }, {"pckChain"}, {}},
    {"no revocation lists",
     [](Scenario& s) { s.lists = false; },
     {},
     {"pckRevocation", "tcbInfoSignerRevocation", "qeIdentitySignerRevocation"}},
    {"stale revocation lists",
     [](Scenario& s) { s.lists_until = now - 1; },
     {"pckRevocation", "tcbInfoSignerRevocation", "qeIdentitySignerRevocation"},
     {}},
    {"stale documents", [](Scenario& s) { s.next_update = now - 1; }, {"tcbInfoFreshness", "qeIdentityFreshness"}, {}},
    {"documents of the future",
     [](Scenario& s) { s.issued = now + 1; },
     {"tcbInfoFreshness", "qeIdentityFreshness"},
     {}},
    {"attestation key of somebody else",
     [](Scenario& s) { s.other_attestation_key = true; },
     {"attestationKey", "quoteSignature"},
     {}},
    {"quoting enclave of another signer", [](Scenario& s) { s.qe_signer = 0xDD; }, {"qeMrSigner"}, {}},
    {"another enclave of the signer", [](Scenario& s) { s.qe_product = 1; }, {"qeProductId"}, {}},
    {"debug quoting enclave", [](Scenario& s) { s.qe_attribute = 0x13; }, {"qeAttributes"}, {}},
    {"TDX module of another signer", [](Scenario& s) { s.seam_signer = 1; }, {"tdxModuleSigner"}, {}},
    {"TDX module of an unknown major version",
     [](Scenario& s) { s.tee_tcb_svn[1] = 9; },
     {"tdxModule", "tcbStatus"},
     {}},
    {"TCB info changed after it was signed",
     [](Scenario& s) {
       s.level_status = "OutOfDate";
       s.forge_tcb_info = [](std::string& text) { text.replace(text.rfind("OutOfDate"), 9, "UpToDate"); };
     },
     {"tcbInfoSignature"},
     {"tcbStatus"}},
    {"TCB info written anew with other white space",
     [](Scenario& s) { s.forge_tcb_info = [](std::string& text) { text.insert(1, " "); }; },
     {"tcbInfoSignature"},
     {"tcbStatus"}},
    {"revoked platform TCB", [](Scenario& s) { s.level_status = "Revoked"; }, {"tcbStatus"}, {}},
    {"revoked TDX module", [](Scenario& s) { s.module_status = "Revoked"; }, {"tcbStatus"}, {}},
    {"revoked quoting enclave", [](Scenario& s) { s.qe_status = "Revoked"; }, {"tcbStatus"}, {}},
    {"a platform below every level", [](Scenario& s) { s.extension.pce_svn = 12; }, {"tcbStatus"}, {}},
    {"a component below every level", [](Scenario& s) { s.extension.components[7] = 4; }, {"tcbStatus"}, {}},
    {"a quoting enclave below every level", [](Scenario& s) { s.qe_svn = 3; }, {"tcbStatus"}, {}},
};

TEST(VerifyTdx, RefusesAndNamesEachReason) {
  for (const Refused& refused : refusals) {
    SCOPED_TRACE(refused.why);
    const TdxVerification found = verified(refused.bend);
    EXPECT_FALSE(found.genuine);
    EXPECT_EQ(failed(found), refused.failed);
    EXPECT_EQ(named(found, Check::Outcome::not_checked), refused.not_checked);
  }
}

struct Rated {
  std::string what;
  Bend bend;
  TcbStatus status;
};

const Rated statuses[] = {
    {"processor CA", [](Scenario& s) { s.ca_name = "Intel SGX PCK Processor CA"; }, TcbStatus::up_to_date},
    {"version 5, TDX 1.0", [](Scenario& s) { s.version = 5; }, TcbStatus::up_to_date},
    {"a PCK that is only named", [](Scenario& s) { s.certification_type = 3; }, TcbStatus::up_to_date},
    {"software hardening", [](Scenario& s) { s.level_status = "SWHardeningNeeded"; }, TcbStatus::sw_hardening_needed},
    {"old module on it",
     [](Scenario& s) {
       s.level_status = "SWHardeningNeeded";
       s.module_status = "OutOfDate";
     },
     TcbStatus::out_of_date},
    {"old quoting enclave", [](Scenario& s) { s.qe_status = "OutOfDate"; }, TcbStatus::out_of_date},
    {"old module on a platform to be configured",
     [](Scenario& s) {
       s.level_status = "ConfigurationAndSWHardeningNeeded";
       s.module_status = "OutOfDate";
     },
     TcbStatus::out_of_date_configuration_needed},
    {"a lower level",
     [](Scenario& s) {
       s.more_levels = "," + level(s.sgx_level, s.tdx_level, 12, "OutOfDate");
       s.extension.pce_svn = 12;
     },
     TcbStatus::out_of_date},
    {"a level for which only the TDX components are too low",
     [](Scenario& s) {
       s.more_levels = "," + level(s.sgx_level, "[5,0,2,0,0,0,0,0,0,0,0,0,0,0,0,0]", 13, "ConfigurationNeeded");
       s.tee_tcb_svn[2] = 2;
     },
     TcbStatus::configuration_needed},
    {"a module of major version 0 is rated by the level",
     [](Scenario& s) {
       s.tee_tcb_svn = {5, 0, 3};
       s.module_status = "OutOfDate";
     },
     TcbStatus::up_to_date},
};

TEST(VerifyTdx, ReportsTheTcbStatusAndLeavesItToAppraisal) {
  for (const Rated& rated : statuses) {
    SCOPED_TRACE(rated.what);
    const TdxVerification found = verified(rated.bend);
    EXPECT_THAT(failed(found), IsEmpty());
    EXPECT_TRUE(found.genuine);
    ASSERT_TRUE(found.tcb.has_value());
    EXPECT_EQ(name_of(found.tcb->status), name_of(rated.status));
  }
}

// A TD launched under an old module whose module has been updated since.
void relaunchable(Scenario& s) {
  s.version = 5;
  s.more_module_levels = "," + svn_level(3, "OutOfDate", "INTEL-SA-00004");
  s.tee_tcb_svn = {3, 1, 3};
  s.current = measurement::TcbSvn{5, 1, 3};
}

const Rated relaunches[] = {
    {"module updated since", relaunchable, TcbStatus::td_relaunch_advised},
    {"and the platform to be configured",
     [](Scenario& s) {
       relaunchable(s);
       s.level_status = "ConfigurationNeeded";
     },
     TcbStatus::td_relaunch_advised_configuration_needed},
    {"module still old",
     [](Scenario& s) {
       relaunchable(s);
       s.current = measurement::TcbSvn{4, 1, 3};
     },
     TcbStatus::out_of_date},
    {"late microcode still old",
     [](Scenario& s) {
       relaunchable(s);
       s.current = measurement::TcbSvn{5, 1, 2};
     },
     TcbStatus::out_of_date},
    {"module of an unknown major version now",
     [](Scenario& s) {
       relaunchable(s);
       s.current = measurement::TcbSvn{5, 7, 3};
     },
     TcbStatus::out_of_date},
    {"old quoting enclave: relaunching is not all that is left",
     [](Scenario& s) {
       relaunchable(s);
       s.qe_status = "OutOfDate";
     },
     TcbStatus::out_of_date},
    {"launched under the newest module",
     [](Scenario& s) {
       relaunchable(s);
       s.tee_tcb_svn = {5, 1, 3};
     },
     TcbStatus::up_to_date},
};

TEST(VerifyTdx, AdvisesRelaunchOnlyWhenNothingElseIsLeftToDo) {
  for (const Rated& rated : relaunches) {
    SCOPED_TRACE(rated.what);
    const TdxVerification found = verified(rated.bend);
    ASSERT_TRUE(found.tcb.has_value());
    EXPECT_EQ(name_of(found.tcb->status), name_of(rated.status));
    EXPECT_TRUE(found.genuine);
  }
}

TEST(VerifyTdx, RefusesCollateralOfAnEarlierTcbRecovery) {
  const Platform platform;
  TdxRequest request = platform.request();
  request.minimum_evaluation_number = 18;
  EXPECT_TRUE(platform.verify(request).genuine);
  request.minimum_evaluation_number = 19;
  EXPECT_THAT(failed(platform.verify(request)), ElementsAre("tcbInfoEvaluationNumber", "qeIdentityEvaluationNumber"));
}

TEST(VerifyTdx, GrantsGraceOnlyWhenAskedAndOnlyThatLong) {
  Scenario scenario;
  scenario.lists_until = scenario.next_update = now - 2 * day;
  const Platform platform(scenario);
  TdxRequest request = platform.request();
  EXPECT_FALSE(platform.verify(request).genuine);
  request.grace = day;
  EXPECT_FALSE(platform.verify(request).genuine);
  request.grace = 3 * day;
  EXPECT_THAT(failed(platform.verify(request)), IsEmpty());
  EXPECT_TRUE(platform.verify(request).genuine);
}

TEST(VerifyTdx, ChecksReportDataWhenAsked) {
  const Platform platform;
  EXPECT_TRUE(platform.verify(platform.request(), base::Buffer(64, 0x5A)).genuine);
  for (const base::Buffer& other : {base::Buffer(64, 0x5B), base::Buffer(32, 0x5A), base::Buffer(65, 0x5A)})
    EXPECT_THAT(failed(platform.verify(platform.request(), other)), ElementsAre("reportData")) << other.size();
}

// The platform is judged once; another quote of it is still another quote.
TEST(VerifyTdx, DoesNotTakeAQuoteForOneOfAnotherPlatform) {
  const Platform platform;
  const measurement::TdQuote good = measurement::parse_td_quote(platform.quote_bytes());
  const JudgedPlatform judged = judge_platform(good, platform.collateral(), platform.request());
  EXPECT_TRUE(verify_tdx(good, judged).genuine);
  measurement::TdQuote foreign = good;
  foreign.qe_report_signature[5] ^= 1U;  // what another PCK would have signed
  EXPECT_THAT(failed(verify_tdx(foreign, judged)), ElementsAre("qeReportSignature"));
}

TEST(VerifyTdx, TrustsNobodyWithoutARoot) {
  const Platform platform;
  TdxRequest request = platform.request();
  request.roots = {};
  EXPECT_FALSE(platform.verify(request).signatures_valid);
}

TEST(VerifyTdx, NoticesAFlippedBitInWhateverTheQuoteHoldsButCertificates) {
  const Platform platform;
  const base::Buffer good = platform.quote_bytes();
  const TdxCollateral collateral = platform.collateral();
  const std::size_t certificates = base::text_of(good).find("-----BEGIN");
  for (std::size_t at = 0; at < certificates; at += 13) {
    base::Buffer bad = good;
    bad[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    try {
      EXPECT_FALSE(tdx_vectors::verified(measurement::parse_td_quote(bad), collateral, platform.request()).genuine)
          << at;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::malformed) << at;
    }
  }
}

}  // namespace
}  // namespace attestation
