#include <gmock/gmock.h>

#include "attestation/snp_evidence_file.h"
#include "attestation/verify_snp.h"
#include "base/crypto.h"
#include "base/utc_time.h"
#include "tests/attestation/snp_files.h"

namespace attestation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> failed(const SnpVerdict& verdict) {
  std::vector<std::string> names;
  for (const Check& check : verdict.checks)
    if (check.weight == Check::Weight::mandatory && check.outcome != Check::Outcome::ok) names.push_back(check.name);
  return names;
}

VekContext at(const char* time) {
  VekContext context;
  context.time = base::parse_utc(time).value();
  return context;
}

// SHA-256 of the DER certificates: the digests that the specification pins, which AMD's key distribution service
// serves.
TEST(AmdRoots, AreTheOnesThatOthersPin) {
  const SnpAnchors& amd = SnpAnchors::amd();
  ASSERT_EQ(amd.roots.size(), 3U);
  EXPECT_EQ(amd.roots[0].product, SnpProduct::milan);
  EXPECT_EQ(amd.roots[0].certificate.fingerprint().hex(),
            "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd");
  EXPECT_EQ(amd.roots[1].product, SnpProduct::genoa);
  EXPECT_EQ(amd.roots[1].certificate.fingerprint().hex(),
            "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1");
  EXPECT_EQ(amd.roots[2].product, SnpProduct::turin);
  EXPECT_EQ(amd.roots[2].certificate.fingerprint().hex(),
            "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a");
}

TEST(AmdRoots, SignTheirIntermediatesAndSayTheirProduct) {
  for (const SnpRoot& root : SnpAnchors::amd().roots)
    EXPECT_EQ(root.certificate.common_name(), "ARK-" + std::string(product_name(root.product)));
  ASSERT_EQ(SnpAnchors::amd().intermediates.size(), 6U);
  for (const base::X509Certificate& intermediate : SnpAnchors::amd().intermediates)
    EXPECT_TRUE(judge_vek(intermediate, at("2026-01-01T00:00:00Z")).chain.good()) << intermediate.subject();
}

TEST(SnpVectors, RealReportsOfTheRepositoryAreGenuine) {
  const VekContext context = at("2026-01-01T00:00:00Z");
  EXPECT_THAT(failed(verify_snp(snp_files::recorded_report("milan-v2.hex"),
                                {snp_files::recorded_certificate("gosev-vcek.pem")}, context, {})),
              IsEmpty());
  EXPECT_THAT(failed(verify_snp(snp_files::recorded_report("genoa-v3.hex"),
                                {snp_files::recorded_certificate("genoa-v3-vcek.pem")}, context, {})),
              IsEmpty());
  EXPECT_THAT(failed(verify_snp(snp_files::recorded_report("genoa-v3.hex"),
                                {snp_files::recorded_certificate("gosev-vcek.pem")}, context, {})),
              ElementsAre("product", "tcb", "chipId", "signature"));
}

// The manifest: structure version 1, FMC in extension 3.9, a chip id of 8 bare bytes; openssl x509 -text shows the
// numbers.
TEST(SnpVectors, ARealTurinVcekHasItsFacts) {
  const auto certificate = snp_files::recorded_certificate("virtee-turin-vcek.pem");
  const JudgedVek vek = judge_vek(certificate, at("2026-01-01T00:00:00Z"));
  ASSERT_TRUE(vek.facts) << vek.problem;
  EXPECT_TRUE(vek.chain.good());
  EXPECT_EQ(vek.root_product, SnpProduct::turin);
  EXPECT_EQ(vek.facts->structure_version, 1);
  EXPECT_EQ(vek.facts->product_text, "Turin");
  EXPECT_EQ(base::hex(vek.facts->hardware_id), "1e550a8ee5cf9f4d");
  EXPECT_EQ(vek.facts->tcb, (SnpTcb{0, 0, 0, 0, 9, true}));
}

TEST(SnpVectors, ARealVlekHasItsFacts) {
  const JudgedVek vek = judge_vek(snp_files::recorded_certificate("milan-vlek.pem"), at("2025-06-01T00:00:00Z"));
  ASSERT_TRUE(vek.facts) << vek.problem;
  EXPECT_TRUE(vek.chain.good());
  EXPECT_EQ(vek.facts->kind, VekCertificate::Kind::vlek);
  EXPECT_EQ(vek.facts->provider, "CN=cc-us-east-2.amazonaws.com");
  EXPECT_EQ(vek.facts->tcb, (SnpTcb{std::nullopt, 4, 0, 24, 217, true}));
}

struct Verdict {
  const char *report, *certificate, *time;
  std::vector<std::string> failed;
};

TEST(SnpVectors, HaveTheVerdictsOfTheirManifests) {
  const std::vector<Verdict> verdicts{
      {"attest/snp/reports/milan-v2-report.bin", "attest/snp/reports/milan-v2-vcek.der", "2026-01-01T00:00:00Z", {}},
      {"attest/snp/reports/milan-v2-report.bin",
       "attest/snp/reports/milan-v2-vcek.der",
       "2030-01-25T00:00:00Z",
       {"validity"}},
      {"attest/snp/reports/milan-vlek-report.bin", "attest/snp/reports/milan-vlek.der", "2025-06-01T00:00:00Z", {}},
      {"attest/snp/reports/milan-vlek-report.bin",
       "attest/snp/reports/milan-vlek.der",
       "2025-12-11T00:00:00Z",
       {"validity"}},
      {"attest/snp/reports/milan-vlek-report.bin",
       "attest/snp/reports/milan-vlek.der",
       "2024-12-10T00:00:00Z",
       {"validity"}},
      {"attest/snp/reports/milan-v2-report.bin",
       "attest/snp/reports/test-vcek-invalid-legacy.der",
       "2026-01-01T00:00:00Z",
       {"chain", "tcb", "chipId", "signature"}},
      {"attest/snp/reports/milan-v2-report.bin",
       "attest/snp/reports/test-vcek-invalid-new.der",
       "2026-01-01T00:00:00Z",
       {"chain", "tcb", "chipId", "signature"}},
      {"attest/snp/reports/genoa-v3-report.bin", "attest/snp/reports/genoa-v3-vcek.der", "2026-01-01T00:00:00Z", {}},
      {"attest/snp/reports/virtee-milan-report.hex",
       "attest/snp/reports/virtee-milan-vcek.der",
       "2026-01-01T00:00:00Z",
       {}},
      {"attest/snp/reports/gosev-attestation.bin", "attest/snp/reports/gosev-vcek.der", "2026-01-01T00:00:00Z", {}},
      {"attest/kbs/snp-evidence-genoa-v3.json", "attest/snp/roots/genoa_ask_ark_asvk.pem", "2026-01-01T00:00:00Z", {}},
      {"snp-reports/go-sev-guest-milan-vcek/report.bin",
       "snp-reports/go-sev-guest-milan-vcek/vcek.der",
       "2026-01-01T00:00:00Z",
       {}},
      {"snp-reports/virtee-sev-milan-vcek/report.bin",
       "snp-reports/virtee-sev-milan-vcek/vcek.der",
       "2026-01-01T00:00:00Z",
       {}},
      {"snp-reports/trustee-vcek/report.bin", "snp-reports/trustee-vcek/vcek.der", "2026-01-01T00:00:00Z", {}},
      {"snp-reports/trustee-vlek/report.bin", "snp-reports/trustee-vlek/vlek.der", "2025-06-01T00:00:00Z", {}}};
  if (snp_files::vector(verdicts.front().report).empty())
    GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  for (const Verdict& wanted : verdicts) {
    SCOPED_TRACE(std::string(wanted.report) + " with " + wanted.certificate + " at " + wanted.time);
    const wire::SnpEvidence evidence = read_snp_evidence(snp_files::vector(wanted.report));
    auto certificates = base::parse_x509(snp_files::vector(wanted.certificate), wanted.certificate).certificates;
    certificates.insert(certificates.end(), evidence.brought.certificates.begin(), evidence.brought.certificates.end());
    EXPECT_EQ(failed(verify_snp(evidence.report, certificates, at(wanted.time), {})), wanted.failed);
  }
}

// The re-encoded report is a vector of its own, made by another program.
TEST(SnpVectors, TheEvidenceOfKbsIsPutTogetherToTheSameReport) {
  const base::Buffer json = snp_files::vector("attest/kbs/snp-evidence-genoa-v3.json");
  if (json.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  const wire::SnpEvidence evidence = read_snp_evidence(json);
  EXPECT_EQ(evidence.report, snp_files::recorded_report("genoa-v3.hex"));
  ASSERT_EQ(evidence.brought.certificates.size(), 1U);
  EXPECT_EQ(base::hex(base::sha256(evidence.brought.certificates[0].der()).view()),
            "71cdcd49d922dcf959cb9667b5fbd1c18af80dfddfdc5a1eefa9e577461f4903");
}

}  // namespace
}  // namespace attestation
