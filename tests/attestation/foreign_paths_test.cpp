#include "attestation/wire/jwe.h"
#include "base/certificate_chain.h"
#include "two_services.h"

// Paths that lead nowhere, and what an administrator or a relying party of one tenant may not take from another's.

namespace {

using namespace fake;
using testing::HasSubstr;

class ForeignPath : public testing::TestWithParam<const char*> {};

TEST_P(ForeignPath, ReachesNothingEvenWithAValidToken) {
  Site site;
  const std::string token = Exchange(site.zeta.service).token_of(site.zeta.worker);
  const wire::HttpResponse answer = get_with(site.zeta.service, token, GetParam());
  EXPECT_EQ(answer.status, 404U) << answer.body;
  EXPECT_EQ(site.zeta.log.find("\"event\":\"released\""), std::string::npos);
  EXPECT_EQ(get_with(site.zeta.service, token, worker_secret).status, 200U) << "the right spelling";
}
INSTANTIATE_TEST_SUITE_P(
    Spellings, ForeignPath,
    testing::Values("/kbs/v0/resource/bulkhead/bootstrap/../bootstrap/worker-0",
                    "/kbs/v0/resource/bulkhead/bootstrap/control-0/../worker-0",
                    "/kbs/v0/resource/bulkhead/bootstrap/%77orker-0", "/kbs/v0/resource/bulkhead/bootstrap/worker%2D0",
                    "/kbs/v0/resource/bulkhead/bootstrap%2Fworker-0", "/kbs/v0/resource/bulkhead/bootstrap/WORKER-0",
                    "/kbs/v0/resource/Bulkhead/bootstrap/worker-0", "/KBS/v0/resource/bulkhead/bootstrap/worker-0",
                    "/kbs/v0/resource/bulkhead/bootstrap/worker-00", "/kbs/v0/resource/bulkhead/bootstrap/worker-0/",
                    "/kbs/v0/resource//bulkhead/bootstrap/worker-0", "//kbs/v0/resource/bulkhead/bootstrap/worker-0",
                    "/kbs/v0/resource/bulkhead/bootstrap/worker-0;x", "/kbs/v0/resource/bulkhead/bootstrap/worker/0",
                    "/kbs/v0/resource/bulkhead/bootstrap/", "/kbs/v0/resource/bulkhead/bootstrap",
                    "/kbs/v0/resource/acme/bootstrap/worker-0", "/kbs/v0/resource/bulkhead/../../../v1/state",
                    "/kbs/v0/resource/bulkhead/bootstrap/worker-0.", "/kbs/v0/./resource/bulkhead/bootstrap/worker-0"));

class AdminPath : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(AdminPath, IsNotThereForGuests) {
  Site site;
  const std::string token = Exchange(site.zeta.service).token_of(site.zeta.worker);
  const auto [method, path] = GetParam();
  EXPECT_EQ(site.zeta.service.answer_guest({method, path, "", token, "{}", "10.0.0.2"}).status, 404U);
}
INSTANTIATE_TEST_SUITE_P(Paths, AdminPath,
                         testing::Values(std::pair{"GET", "/v1/state"}, std::pair{"PUT", "/v1/approval"},
                                         std::pair{"PUT", "/v1/guests/worker-0/key"},
                                         std::pair{"DELETE", "/v1/revocations"}, std::pair{"GET", "/metrics"},
                                         std::pair{"POST", "/kbs/v0/resource/bulkhead/bootstrap/worker-0"},
                                         std::pair{"DELETE", "/kbs/v0/resource/bulkhead/bootstrap/worker-0"},
                                         std::pair{"POST", "/kbs/v0/attestation-policy"},
                                         std::pair{"POST", "/kbs/v0/reference-value"}));

TEST(CrossTenantAdministration, LoadsNoOtherTenantsApprovalAndEnrolsNoKeyTwice) {
  Site site;
  EXPECT_THAT(site.zeta.put("/v1/approval", site.acme.stored_approval).body, HasSubstr("not signed by every owner"));
  base::Envelope both = base::Envelope::parse(site.acme.stored_approval, "approval");
  base::sign_envelope(both, base::KeySigner(site.zeta.owner));
  EXPECT_THAT(site.zeta.put("/v1/approval", both.json().compact()).body, HasSubstr("wanted tenant 'zeta', got 'acme'"));
  const base::Json taken = base::Json::Object{{"akPublic", base::base64(site.zeta.worker.public_key())}};
  EXPECT_EQ(site.zeta.put("/v1/guests/control-0/key", taken.compact()).status, 409U);
  EXPECT_EQ(site.zeta.outcome(site.zeta.worker).size(), 64U) << "nothing of it changed what was approved";
}

TEST(CrossTenantCertificates, AreUnderTheirOwnTenantsCaOnly) {
  Site site;
  Exchange exchange(site.acme.service);
  const std::string token = exchange.token_of(site.acme.worker);
  const auto answer = get_with(site.acme.service, token, "/kbs/v0/resource/bulkhead/certificate/worker-0");
  const base::Secret chain = wire::decrypt_in_guest(exchange.key, answer.body);
  const auto certificates = base::parse_x509(chain.view(), "chain").certificates;
  const auto verdict_under = [&](const std::string& ca) {
    base::ChainRequest request;
    request.roots = base::parse_x509(base::bytes_of(ca), "ca").certificates;
    request.others = certificates;
    request.time = start_ms / 1000;
    return base::verify_chain(certificates.at(0), request).good();
  };
  EXPECT_TRUE(verdict_under(site.acme.tenant_ca));
  EXPECT_FALSE(verdict_under(site.zeta.tenant_ca));
}

}  // namespace
