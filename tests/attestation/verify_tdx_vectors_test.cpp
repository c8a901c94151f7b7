#include <gmock/gmock.h>

#include "base/crypto.h"
#include "base/error.h"
#include "tests/attestation/tdx_vectors.h"

// Verdicts of the shared vectors, as their manifest gives them: whose tools said so stands there.
namespace attestation {
namespace {

using namespace tdx_vectors;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<std::string> all_quotes{"trustee_tdx_quote_4.dat", "trustee_tdx_quote_5.dat",
                                          "trustee_tdx_quote_6.dat", "gotdx_prod_quote_SPR_E4.dat",
                                          "gotdx_cos113_quote.dat",  "automata_quote_tdx_00806f050000.dat"};

class TdxVectors : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder())) GTEST_SKIP() << "no vectors; set BULKHEAD_VECTORS";
  }
};

TEST_F(TdxVectors, HaveValidSignaturesWithoutCollateralButAreNotKnownToBeGenuine) {
  for (const std::string& name : all_quotes) {
    SCOPED_TRACE(name);
    const TdxVerification found = verified(quote(name), {}, at("2026-03-20T00:00:00Z"));
    EXPECT_TRUE(found.signatures_valid);
    EXPECT_THAT(failed(found), IsEmpty());
    EXPECT_FALSE(found.genuine);
    EXPECT_THAT(named(found, Check::Outcome::not_checked),
                ElementsAre("pckRevocation", "tcbInfoSignature", "qeIdentitySignature", "tcbStatus"));
  }
}

struct Rated {
  std::string quote;
  std::vector<std::string> collateral;
  std::string time;
  TcbStatus status;
  std::optional<TcbStatus> module;
  std::vector<std::string> failed;
};

const std::vector<std::string> automata_files{
    "collateral/automata_tcbinfov3_00806f050000.json", "collateral/automata_qeidentityv2_apiv4.json",
    "collateral/automata_tcb_signing_cert.pem", "collateral/automata_intel_root_ca_crl.der",
    "collateral/automata_pck_platform_crl.der"};
const std::vector<std::string> attrs_files{"collateral/attrs_pck_crl_platform.der",
                                           "collateral/attrs_qe_identity_signing_chain.pem",
                                           "collateral/attrs_root_ca_crl.der",
                                           "collateral/attrs_tcb_info_50806f000000.json",
                                           "collateral/attrs_tcb_info_90c06f000000.json",
                                           "collateral/attrs_tcb_signing_chain.pem",
                                           "collateral/attrs_td_qe_identity.json",
                                           "collateral/automata_tcbinfov3_00806f050000.json",
                                           "collateral/automata_qeidentityv2_apiv4.json",
                                           "collateral/automata_pck_platform_crl.der",
                                           "collateral/gotdx_tcbinfo_50806f000000.json",
                                           "collateral/gotdx_pckcrl.der"};

const std::vector<Rated> rated{
    {"trustee_tdx_quote_4.dat",
     {"quotes/trustee_tdx_quote_4_collateral.json"},
     "2026-03-20T00:00:00Z",
     TcbStatus::out_of_date,
     std::nullopt,
     {}},
    {"trustee_tdx_quote_5.dat",
     {"quotes/trustee_tdx_quote_5_collateral.json"},
     "2026-03-20T00:00:00Z",
     TcbStatus::not_supported,
     TcbStatus::out_of_date,
     {"tcbStatus"}},
    {"gotdx_prod_quote_SPR_E4.dat",
     {"quotes/gotdx_prod_quote_SPR_E4_collateral.json"},
     "2023-06-20T00:00:00Z",
     TcbStatus::not_supported,
     std::nullopt,
     {"tcbStatus"}},
    {"gotdx_cos113_quote.dat",
     {"quotes/gotdx_cos113_quote_collateral.json"},
     "2025-02-20T00:00:00Z",
     TcbStatus::up_to_date,
     TcbStatus::up_to_date,
     {}},
    {"automata_quote_tdx_00806f050000.dat",  // not rated by the manifest; dcap-qvl 0.7.0 says so
     automata_files,
     "2025-02-20T00:00:00Z",
     TcbStatus::out_of_date,
     TcbStatus::up_to_date,
     {}},
    // All there is in one folder: what fits the platform and the time is found.
    {"trustee_tdx_quote_4.dat", attrs_files, "2026-03-20T00:00:00Z", TcbStatus::out_of_date, std::nullopt, {}},
    {"trustee_tdx_quote_5.dat",
     attrs_files,
     "2026-03-20T00:00:00Z",
     TcbStatus::not_supported,
     TcbStatus::out_of_date,
     {"tcbStatus"}},
};

TEST_F(TdxVectors, HaveTheTcbStatusOfTheirManifest) {
  for (const Rated& expected : rated) {
    SCOPED_TRACE(expected.quote + " with " + expected.collateral.front());
    const TdxVerification found = verified(quote(expected.quote), collateral(expected.collateral), at(expected.time));
    EXPECT_TRUE(found.signatures_valid);
    ASSERT_TRUE(found.tcb.has_value());
    EXPECT_EQ(name_of(found.tcb->status), name_of(expected.status));
    const std::optional<TcbJudgement>& module = found.tcb->tdx_module;
    EXPECT_EQ(module ? std::optional(module->status) : std::nullopt, expected.module);
    EXPECT_EQ(failed(found), expected.failed);
    EXPECT_EQ(found.genuine, expected.failed.empty());
    for (const Check& check : found.checks)
      if (check.outcome != Check::Outcome::ok && check.name != "tcbStatus")
        ADD_FAILURE() << check.name << ": got " << check.got << ", wanted " << check.wanted;
  }
}

TEST_F(TdxVectors, HaveTheAdvisoriesThatDcapQvlFinds) {
  const TdxVerification found =
      verified(quote("automata_quote_tdx_00806f050000.dat"), collateral(automata_files), at("2025-02-20T00:00:00Z"));
  EXPECT_THAT(found.tcb->advisories, ElementsAre("INTEL-SA-00960", "INTEL-SA-00982", "INTEL-SA-00986"));
}

// Two certificates of Intel's for one signing key: one of 2018, one of 2025.
TEST_F(TdxVectors, TakeOfTwoSigningCertificatesTheOneThatIsValid) {
  const std::vector<std::string> both{"quotes/trustee_tdx_quote_4_collateral.json",
                                      "collateral/automata_tcb_signing_cert.pem"};
  EXPECT_TRUE(verified(quote("trustee_tdx_quote_4.dat"), collateral(both), at("2026-03-20T00:00:00Z")).genuine);
  EXPECT_TRUE(
      verified(quote("trustee_tdx_quote_4.dat"), collateral({both[1], both[0]}), at("2026-03-20T00:00:00Z")).genuine);
}

TEST_F(TdxVectors, AreStaleOutsideTheWindowOfTheirCollateral) {
  const auto at_time = [&](const std::string& time) {
    return failed(
        verified(quote("gotdx_cos113_quote.dat"), collateral({"quotes/gotdx_cos113_quote_collateral.json"}), at(time)));
  };
  EXPECT_THAT(at_time("2025-03-15T03:39:00Z"), IsEmpty());
  EXPECT_THAT(at_time("2025-03-15T03:40:00Z"), testing::Contains("qeIdentityFreshness"));
  EXPECT_THAT(at_time("2025-03-20T00:00:00Z"), testing::IsSupersetOf({"tcbInfoFreshness", "qeIdentityFreshness"}));
  EXPECT_THAT(at_time("2025-02-12T00:00:00Z"), testing::IsSupersetOf({"tcbInfoFreshness", "qeIdentityFreshness"}));
}

TEST_F(TdxVectors, DoNotUseTheCollateralOfAnotherPlatform) {
  const TdxVerification found =
      verified(quote("trustee_tdx_quote_4.dat"), collateral({"quotes/trustee_tdx_quote_5_collateral.json"}),
               at("2026-03-20T00:00:00Z"));
  ASSERT_NE(find(found, "tcbInfoSignature"), nullptr);
  EXPECT_EQ(find(found, "tcbInfoSignature")->got, "no TCB info for FMSPC 50806f000000, only for 90c06f000000");
  EXPECT_FALSE(found.genuine);
  EXPECT_FALSE(found.tcb.has_value());
}

struct Damaged {
  std::string file;
  std::vector<std::string> failed;
};

TEST_F(TdxVectors, WithFlippedBitsAreNotGenuine) {
  const std::vector<Damaged> cases{{"neg/tdx_v4_flip_attkey", {"attestationKey", "quoteSignature"}},
                                   {"neg/tdx_v4_flip_mrconfigid", {"quoteSignature"}},
                                   {"neg/tdx_v4_flip_mrtd", {"quoteSignature"}},
                                   {"neg/tdx_v4_flip_qe_report", {"qeReportSignature"}},
                                   {"neg/tdx_v4_flip_sig", {"quoteSignature"}}};
  for (const Damaged& damaged : cases) {
    SCOPED_TRACE(damaged.file);
    const TdxVerification found = verified(quote(damaged.file), {}, at("2025-07-01T00:00:00Z"));
    EXPECT_THAT(failed(found), testing::IsSupersetOf(damaged.failed));
    EXPECT_FALSE(found.signatures_valid);
    EXPECT_FALSE(found.genuine);
  }
}

TEST_F(TdxVectors, OfSgxAndWithWrongLengthsAreRefused) {
  EXPECT_THAT([] { quote("trustee_sgx_quote_v3.dat"); },
              testing::ThrowsMessage<base::Error>(HasSubstr("version 3: an SGX quote")));
  EXPECT_THAT([] { quote("phala_sgx_quote"); },
              testing::ThrowsMessage<base::Error>(HasSubstr("version 3: an SGX quote")));
  EXPECT_THAT([] { quote("neg/tdx_v4_bad_len"); },
              testing::ThrowsMessage<base::Error>(HasSubstr("signature data of ")));
  const TdxCollateral of_sgx = collateral({"quotes/phala_sgx_quote_collateral.json"});
  EXPECT_TRUE(of_sgx.tcb_infos.empty() && of_sgx.qe_identities.empty());
}

TEST(IntelRoot, IsTheOneWithThePinnedFingerprint) {
  EXPECT_EQ(intel_sgx_root().fingerprint().hex(), "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3");
}

}  // namespace
}  // namespace attestation
