#include "base/certificate_chain.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <functional>

#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "base/utc_time.h"
#include "tests/pki/openssl_vendor_pki.h"

namespace base {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using vendor_pki::Identity;
using vendor_pki::issue;
using vendor_pki::KeyType;
using vendor_pki::make_key;

constexpr std::int64_t now = 1'790'000'000, day = 86'400;

/// Root, intermediate and leaf as AMD (RSA-PSS over an EC P-384 leaf) and as Intel (ECDSA P-256 throughout) have them.
struct Vendor {
  vendor_pki::Key root_key, middle_key, leaf_key;
  Identity root, middle, leaf;

  explicit Vendor(KeyType ca = KeyType::rsa, KeyType end = KeyType::p384)
      : root_key(make_key(ca)),
        middle_key(make_key(ca)),
        leaf_key(make_key(end)),
        root(issue(root_request(), root_key)),
        middle(issue(middle_request(), middle_key, &root)),
        leaf(issue(leaf_request(), leaf_key, &middle)) {}

  static vendor_pki::Request root_request() {
    return {.common_name = "ARK", .not_before = now - day, .not_after = now + day, .serial = 1, .ca = true};
  }
  static vendor_pki::Request middle_request() {
    return {.common_name = "ASK",
            .not_before = now - day,
            .not_after = now + day,
            .serial = 65'537,
            .ca = true,
            .may_sign_lists = false,
            .extra_constraints = ",pathlen:0"};
  }
  static vendor_pki::Request leaf_request() {
    return {.common_name = "VCEK", .not_before = now - day, .not_after = now + day};
  }
  [[nodiscard]] ChainRequest request() const {
    return {.roots = {root.certificate}, .others = {middle.certificate}, .time = now};
  }
  [[nodiscard]] X509RevocationList list(vendor_pki::ListRequest wanted = {now - 60, now + 60}) const {
    return revoke(wanted, root, root);
  }
};

const Vendor& amd() {
  static const Vendor vendor;
  return vendor;
}
const Vendor& forger() {  // the same names, other keys
  static const Vendor vendor;
  return vendor;
}

std::vector<std::string> names(const ChainVerdict& verdict) {
  std::vector<std::string> all;
  for (const ChainFinding& finding : verdict.findings)
    all.push_back(std::to_string(finding.certificate) + " " + std::string(chain_problem_name(finding.problem)));
  return all;
}

TEST(CertificateChain, OfRsaPssToItsPinnedRootIsGood) {
  const ChainVerdict verdict = verify_chain(amd().leaf.certificate, amd().request());
  EXPECT_THAT(names(verdict), IsEmpty());
  ASSERT_EQ(verdict.chain.size(), 3U);
  EXPECT_EQ(verdict.chain[1].common_name(), "ASK");
  EXPECT_EQ(verdict.chain[2].common_name(), "ARK");
  EXPECT_THAT(verdict.without_revocation_list, ElementsAre(0U, 1U));
}

TEST(CertificateChain, OfEcdsaToItsPinnedRootIsGood) {
  const Vendor intel(KeyType::p256, KeyType::p256);
  EXPECT_THAT(names(verify_chain(intel.leaf.certificate, intel.request())), IsEmpty());
}

TEST(CertificateChain, IsFoundAmongCertificatesThatOnlyShareNames) {
  ChainRequest request = amd().request();
  request.others.insert(request.others.begin(), {forger().middle.certificate, forger().root.certificate});
  request.roots.insert(request.roots.begin(), forger().root.certificate);
  const ChainVerdict verdict = verify_chain(amd().leaf.certificate, request);
  EXPECT_THAT(names(verdict), IsEmpty());
  EXPECT_EQ(verdict.chain.back().fingerprint(), amd().root.certificate.fingerprint());
}

TEST(CertificateChain, IsValidAtBothEndsOfItsTime) {
  ChainRequest request = amd().request();
  for (const std::int64_t time : {now - day, now + day}) {
    request.time = time;
    EXPECT_TRUE(verify_chain(amd().leaf.certificate, request).good()) << time - now;
  }
}

struct Case {
  std::string name;
  std::function<Identity(ChainRequest&)> change;  ///< @returns the leaf to verify
  std::vector<std::string> findings;
};
void PrintTo(const Case& wanted, std::ostream* out) {
  *out << wanted.name;
}
class ChainCase : public testing::TestWithParam<Case> {};

TEST_P(ChainCase, IsFound) {
  ChainRequest request = amd().request();
  const Identity leaf = GetParam().change(request);
  const ChainVerdict verdict = verify_chain(leaf.certificate, request);
  EXPECT_EQ(names(verdict), GetParam().findings);
  for (const ChainFinding& finding : verdict.findings)
    EXPECT_THAT(finding.text, HasSubstr(verdict.chain[finding.certificate].subject() + ": "));
}

/// A leaf under an intermediate made from `request`, itself under the good root.
Identity leaf_under(const vendor_pki::Request& wanted, ChainRequest& request, const Identity& root = amd().root) {
  const Identity middle = issue(wanted, amd().middle_key, &root);
  request.others = {middle.certificate};
  return issue(Vendor::leaf_request(), amd().leaf_key, &middle);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ChainCase,
    testing::Values(Case{"expired",
                         [](ChainRequest& request) {
                           request.time = now + day + 1;
                           return amd().leaf;
                         },
                         {"0 expired", "1 expired", "2 expired"}},
                    Case{"not_yet_valid",
                         [](ChainRequest&) {
                           vendor_pki::Request wanted = Vendor::leaf_request();
                           wanted.not_before = now + 1;
                           return issue(wanted, amd().leaf_key, &amd().middle);
                         },
                         {"0 notYetValid"}},
                    Case{"intermediate_expired",
                         [](ChainRequest& request) {
                           vendor_pki::Request wanted = Vendor::middle_request();
                           wanted.not_after = now - 1;
                           return leaf_under(wanted, request);
                         },
                         {"1 expired"}},
                    Case{"no_intermediate",
                         [](ChainRequest& request) {
                           request.others.clear();
                           return amd().leaf;
                         },
                         {"0 unknownIssuer"}},
                    Case{"forged_leaf", [](ChainRequest&) { return forger().leaf; }, {"0 badSignature"}},
                    Case{"forged_intermediate",
                         [](ChainRequest& request) {
                           request.others = {forger().middle.certificate};
                           return forger().leaf;
                         },
                         {"1 badSignature"}},
                    Case{"forged_root",
                         [](ChainRequest& request) {
                           request.others = {forger().middle.certificate, forger().root.certificate};
                           return forger().leaf;
                         },
                         {"2 untrustedRoot"}},
                    Case{"self_signed_leaf",
                         [](ChainRequest&) { return issue(Vendor::leaf_request(), amd().leaf_key); },
                         {"0 untrustedRoot"}},
                    Case{"issuer_is_no_ca",
                         [](ChainRequest& request) {
                           vendor_pki::Request wanted = Vendor::middle_request();
                           wanted.ca = false;
                           return leaf_under(wanted, request);
                         },
                         {"1 notACa"}},
                    Case{"leaf_below_path_length",
                         [](ChainRequest& request) {
                           vendor_pki::Request wanted = Vendor::root_request();
                           wanted.common_name = "below";
                           const Identity below = issue(wanted, forger().root_key, &amd().middle);
                           request.others.push_back(below.certificate);
                           return issue(Vendor::leaf_request(), amd().leaf_key, &below);
                         },
                         {"2 notACa"}},
                    Case{"unknown_critical_extension",
                         [](ChainRequest&) {
                           vendor_pki::Request wanted = Vendor::leaf_request();
                           wanted.extensions = {{"1.3.6.1.4.1.3704.9.9", {5, 0}, true}};
                           return issue(wanted, amd().leaf_key, &amd().middle);
                         },
                         {"0 unacceptable"}},
                    Case{"revoked",
                         [](ChainRequest& request) {
                           request.revocation_lists = {amd().list({now - 60, now + 60, {7, 65'537}})};
                           return amd().leaf;
                         },
                         {"1 revoked"}},
                    Case{"revoked_by_one_of_two_lists",
                         [](ChainRequest& request) {
                           request.revocation_lists = {amd().list({now - 600, now - 60, {65'537}}), amd().list()};
                           return amd().leaf;
                         },
                         {"1 revoked"}},
                    Case{"list_missing",
                         [](ChainRequest& request) {
                           request.demand = RevocationDemand::intermediates;
                           return amd().leaf;
                         },
                         {"1 crlMissing"}},
                    Case{"list_of_the_leafs_issuer_missing",
                         [](ChainRequest& request) {
                           request.demand = RevocationDemand::every_certificate;
                           request.revocation_lists = {amd().list()};
                           return amd().leaf;
                         },
                         {"0 crlMissing"}},
                    Case{"list_stale",
                         [](ChainRequest& request) {
                           request.revocation_lists = {amd().list({now - 60, now - 1})};
                           return amd().leaf;
                         },
                         {"1 crlStale"}},
                    Case{"list_without_end",
                         [](ChainRequest& request) {
                           request.revocation_lists = {amd().list({now - 60, 0})};
                           return amd().leaf;
                         },
                         {"1 crlStale"}},
                    Case{"list_of_the_future",
                         [](ChainRequest& request) {
                           request.revocation_lists = {amd().list({now + 1, now + 60})};
                           return amd().leaf;
                         },
                         {"1 crlNotYetValid"}},
                    Case{"list_forged",
                         [](ChainRequest& request) {
                           request.revocation_lists = {revoke({now - 60, now + 60}, amd().root, forger().root)};
                           return amd().leaf;
                         },
                         {"1 crlBadSignature"}},
                    Case{"list_by_who_may_not_sign_lists",
                         [](ChainRequest& request) {
                           request.revocation_lists = {revoke({now - 60, now + 60}, amd().middle, amd().middle)};
                           return amd().leaf;
                         },
                         {"0 crlBadSignature"}},
                    Case{"list_of_a_part",
                         [](ChainRequest& request) {
                           request.revocation_lists = {amd().list({now - 60, now + 60, {}, true})};
                           return amd().leaf;
                         },
                         {"1 crlUnsupported"}}),
    [](const auto& test) { return test.param.name; });

TEST(CertificateChain, WithAFreshListThatDoesNotNameItIsGood) {
  ChainRequest request = amd().request();
  request.demand = RevocationDemand::intermediates;
  request.revocation_lists = {amd().list({now - 60, now + 60, {7}})};
  const ChainVerdict verdict = verify_chain(amd().leaf.certificate, request);
  EXPECT_THAT(names(verdict), IsEmpty());
  EXPECT_THAT(verdict.without_revocation_list, ElementsAre(0U));
}

TEST(CertificateChain, OfACertificateThatIsItselfPinnedEndsThere) {
  const ChainVerdict verdict = verify_chain(amd().root.certificate, amd().request());
  EXPECT_TRUE(verdict.good());
  EXPECT_EQ(verdict.chain.size(), 1U);
}

Buffer vendor_file(const std::string& name) {
  const char* const given = std::getenv("BULKHEAD_VECTORS");
  const std::string folder = given != nullptr ? given : BULKHEAD_SOURCE_DIR "/../shared/vectors";
  const auto content = read_file_if_any(folder + "/attest/" + name);
  return content ? buffer_of(bytes_of(*content)) : Buffer();
}

TEST(CertificateChain, OfEveryVendorCertificateIsAsItsManifestSays) {
  struct Leaf {
    const char *leaf, *issuers, *time;
    bool good;
  };
  constexpr const char *milan = "snp/roots/milan_ask_ark_asvk.pem", *genoa = "snp/roots/genoa_ask_ark_asvk.pem",
                       *turin = "snp/roots/turin_ask_ark_asvk.pem";
  const Leaf leaves[] = {{"snp/reports/milan-v2-vcek.der", milan, "2026-01-01T00:00:00Z", true},
                         {"snp/reports/milan-v2-vcek.der", milan, "2030-01-25T00:00:00Z", false},
                         {"snp/reports/milan-v2-vcek.der", genoa, "2026-01-01T00:00:00Z", false},
                         {"snp/reports/milan-vlek.der", milan, "2025-06-01T00:00:00Z", true},
                         {"snp/reports/milan-vlek.der", milan, "2025-12-11T00:00:00Z", false},
                         {"snp/reports/milan-vlek.der", milan, "2024-12-09T00:00:00Z", false},
                         {"snp/reports/genoa-v3-vcek.der", genoa, "2026-01-01T00:00:00Z", true},
                         {"snp/reports/virtee-milan-vcek.der", milan, "2026-01-01T00:00:00Z", true},
                         {"snp/reports/virtee-turin-vcek.der", turin, "2026-01-01T00:00:00Z", true},
                         {"snp/reports/gosev-vcek.der", milan, "2026-01-01T00:00:00Z", true},
                         {"snp/reports/test-vcek-invalid-legacy.der", milan, "2026-01-01T00:00:00Z", false},
                         {"snp/reports/test-vcek-invalid-new.der", milan, "2026-01-01T00:00:00Z", false}};
  if (vendor_file(milan).empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  for (const Leaf& wanted : leaves) {
    SCOPED_TRACE(std::string(wanted.leaf) + " at " + wanted.time);
    const auto leaf = X509Certificate::from_der(vendor_file(wanted.leaf), wanted.leaf);
    ChainRequest request{.time = parse_utc(wanted.time).value()};
    request.others = parse_x509(vendor_file(wanted.issuers), wanted.issuers).certificates;
    ASSERT_EQ(request.others.size(), 3U);
    request.roots = {request.others[1]};
    const ChainVerdict verdict = verify_chain(leaf, request);
    EXPECT_EQ(verdict.good(), wanted.good) << testing::PrintToString(names(verdict));
  }
}

TEST(CertificateChain, OfIntelsPlatformCaIsCheckedAgainstIntelsLists) {
  const Buffer chain = vendor_file("tdx/collateral/automata_pck_certchain.pem");
  if (chain.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  const X509Objects given = parse_x509(chain, "chain");
  const X509Objects root = parse_x509(vendor_file("x509/intel_sgx_root_ca.pem"), "root");
  const X509Objects list = parse_x509(vendor_file("tdx/collateral/attrs_root_ca_crl.der"), "list");
  ASSERT_EQ(list.revocation_lists.size(), 1U);
  ChainRequest request{.roots = root.certificates,
                       .others = given.certificates,
                       .revocation_lists = list.revocation_lists,
                       .time = list.revocation_lists[0].this_update() + 1};
  const auto platform_ca = std::ranges::find_if(given.certificates, [](const X509Certificate& certificate) {
    return certificate.common_name() == "Intel SGX PCK Platform CA";
  });
  ASSERT_NE(platform_ca, given.certificates.end());
  const ChainVerdict verdict = verify_chain(*platform_ca, request);
  EXPECT_THAT(names(verdict), IsEmpty());
  EXPECT_THAT(verdict.without_revocation_list, IsEmpty());
}

}  // namespace
}  // namespace base
