#include <filesystem>

#include "attestation/token.h"
#include "base/certificate.h"
#include "kms/openbao_client.h"
#include "kms/provider_error.h"
#include "tests/attestation/daemon_fixture.h"
#include "tests/kms/servers/openbao_server.h"

// The service's own tokens at a real OpenBao, which fetches their keys from the service (docs/kms.md, "The service's
// tokens at an OpenBao").

namespace {

using namespace fake;
using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

class AttestdWithOpenBaoLogin : public Daemon {
 protected:
  static void SetUpTestSuite() {
    if (std::filesystem::exists(kms::openbao_server::program()))
      server_ = std::make_unique<kms::openbao_server::Server>();
  }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_) GTEST_SKIP() << "needs OpenBao: run tests/kms/fetch-openbao, or set BULKHEAD_BAO";
    start();
    approve_and_enrol();
  }
  /// What an owner writes, once: whose tokens are taken.
  static void mount(const std::string& name, Json::Object config) {
    server_->call("POST", "sys/auth/" + name, "acme", Json::Object{{"type", "jwt"}});
    server_->call("POST", "auth/" + name + "/config", "acme", std::move(config));
  }
  /// And for each guest: which of its claims are asked for.
  static void role(const std::string& mount, const std::string& name, Json::Object bound) {
    bound["role_type"] = "jwt";
    bound["user_claim"] = "sub";
    bound["token_policies"] = Json::Array{"keys"};
    bound["token_ttl"] = "60s";
    bound["expiration_leeway"] = -1;
    server_->call("POST", "auth/" + mount + "/role/" + name, "acme", std::move(bound));
  }
  static Json::Object worker_0() {
    return {{"bound_audiences", Json::Array{"bulkhead/acme"}},
            {"bound_subject", "acme/worker/0"},
            {"bound_claims", Json::Object{{"cvm.tenant", "acme"}, {"cvm.role", "worker"}}}};
  }
  /// The mount that asks the service for its keys, under the tenant's CA.
  std::string by_discovery() {
    const std::string name = "cvm" + std::to_string(++mounts_);
    mount(name,
          {{"oidc_discovery_url", program.url()}, {"oidc_discovery_ca_pem", ca}, {"bound_issuer", program.url()}});
    role(name, "worker-0", worker_0());
    return name;
  }
  /// The token that a service gives a guest.
  static std::string token_of(wire::HttpClient& service, Guest& guest) {
    const base::EcdhKey key;
    const std::string nonce =
        wire::Challenge::parse(service.post("/kbs/v0/auth", wire::AuthRequest{}.text()).body).nonce;
    const wire::RuntimeData runtime{nonce, key.point()};
    const base::Buffer report_data = wire::tpm_report_data(wire::runtime_data_digest(runtime, ""));
    const wire::AttestRequest request{guest.init_data(), runtime, guest.evidence(report_data).json(), ""};
    return wire::TokenResponse::parse(service.post("/kbs/v0/attest", request.text()).body).token;
  }
  /// Logs in and asks for a list of keys. @throws kms::ProviderError
  static unsigned log_in(const std::string& mount, const std::string& role, const std::string& token) {
    kms::OpenBaoClient client("openbao test", "acme",
                              kms::OpenBaoJwt{mount, role, [=] { return kms::openbao_server::Server::secret(token); }},
                              kms::make_http_transport(server_->pki.options(server_->port, "ca", "")));
    return client.request("GET", "kv/metadata/?list=true", {}, kms::OpenBaoEffect::none).status;
  }
  static void expect_refused(const std::string& mount, const std::string& token, const char* words,
                             const std::string& role = "worker-0") {
    EXPECT_THAT([&] { log_in(mount, role, token); },
                ThrowsMessage<kms::ProviderError>(
                    AllOf(HasSubstr("POST /v1/auth/" + mount + "/login: HTTP 4"), HasSubstr(words))));
  }
  /// A token as the service signs it, for a worker whose token ends at `expires`.
  [[nodiscard]] std::string signed_as_the_service(const std::string& tenant, std::int64_t expires) const {
    const TokenIssuer issuer{PrivateKey::from_pem(bundle.at("tokenKey").text(), "token key"), program.url(), ""};
    TokenClaims claims{tenant, "worker/0", "id", "", 1, "", base::EcdhKey().point(), expires - 300, expires};
    return issue_token(issuer, claims, Json::Object{});
  }
  static std::unique_ptr<kms::openbao_server::Server> server_;
  static unsigned mounts_;
};
std::unique_ptr<kms::openbao_server::Server> AttestdWithOpenBaoLogin::server_;
unsigned AttestdWithOpenBaoLogin::mounts_ = 0;

TEST_F(AttestdWithOpenBaoLogin, IsTakenByItsKeySetUnderTheTenantsCa) {
  const std::string token = token_of(*client(), worker);
  const std::string discovered = by_discovery();
  EXPECT_LE(log_in(discovered, "worker-0", token), 404U);
  mount("keyset",
        {{"jwks_url", program.url() + "/.well-known/jwks.json"}, {"jwks_ca_pem", ca}, {"bound_issuer", program.url()}});
  role("keyset", "worker-0", worker_0());
  EXPECT_LE(log_in("keyset", "worker-0", token), 404U);
  const PrivateKey key = PrivateKey::from_pem(bundle.at("tokenKey").text(), "token key");
  mount("pinned", {{"jwt_validation_pubkeys", Json::Array{key.public_key().pem()}}, {"bound_issuer", program.url()}});
  role("pinned", "worker-0", worker_0());
  EXPECT_LE(log_in("pinned", "worker-0", token), 404U);
}

TEST_F(AttestdWithOpenBaoLogin, RefusesTheKeySetOfAServiceUnderAnotherCa) {
  server_->call("POST", "sys/auth/foreign", "acme", Json::Object{{"type", "jwt"}});
  EXPECT_THROW(server_->call("POST", "auth/foreign/config", "acme",
                             Json::Object{{"oidc_discovery_url", program.url()},
                                          {"oidc_discovery_ca_pem", server_->pki.text("ca.pem")}}),
               std::runtime_error);
}

TEST_F(AttestdWithOpenBaoLogin, IsRefusedForAnotherGuestAudienceOrTenant) {
  const std::string mounted = by_discovery(), token = token_of(*client(), worker);
  Json::Object bound = worker_0();
  bound["bound_subject"] = "acme/worker/1";
  role(mounted, "worker-1", bound);
  expect_refused(mounted, token, "sub", "worker-1");
  bound = worker_0();
  bound["bound_audiences"] = Json::Array{"kms.example"};
  role(mounted, "elsewhere", bound);
  expect_refused(mounted, token, "aud", "elsewhere");
  bound = worker_0();
  bound["bound_claims"] = Json::Object{{"cvm.tenant", "rival"}};
  role(mounted, "rival", bound);
  expect_refused(mounted, token, "claim", "rival");
  expect_refused(mounted, signed_as_the_service("rival", today() + 200), "claim");
}

TEST_F(AttestdWithOpenBaoLogin, IsRefusedFromTheServiceOfAnotherTenant) {
  TenantService rival("rival", program.url());
  rival.now = today() * 1000;
  rival.approve({rival.worker.approved(), rival.control.approved()});
  DirectClient direct(rival.service);
  expect_refused(by_discovery(), token_of(direct, rival.worker), "signature");
}

TEST_F(AttestdWithOpenBaoLogin, IsRefusedWhenItExpired) {
  const std::string mounted = by_discovery();
  EXPECT_LE(log_in(mounted, "worker-0", signed_as_the_service("acme", today() + 200)), 404U);
  expect_refused(mounted, signed_as_the_service("acme", today() - 200), "expired");
}

}  // namespace
