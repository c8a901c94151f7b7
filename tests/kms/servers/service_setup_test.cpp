#include "kms/service_setup.h"

#include <gmock/gmock.h>

#include "kms/openbao_store.h"
#include "kms/provider_error.h"
#include "tests/kms/samples.h"
#include "tests/kms/servers/openbao_server.h"

namespace kms {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

/// A server on which the owners of acme and rival ran the script for their services.
class ServiceAtOpenBao : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(openbao_server::program())) return;
    server_ = std::make_unique<openbao_server::Server>();
    for (const char* const tenant : {"acme", "rival"})
      for (int times = 0; times < 2; ++times) server_->run(openbao_script(openbao_setup(setup(tenant))));
  }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_) GTEST_SKIP() << "needs OpenBao: run tests/kms/fetch-openbao, or set BULKHEAD_BAO";
  }
  static ServiceSetup setup(const std::string& tenant) {
    return {{tenant}, tenant, "cvm", server_->pki.text(tenant + ".pem")};
  }
  static std::shared_ptr<OpenBaoClient> client(OpenBaoIdentity identity, const std::string& certificate) {
    return std::make_shared<OpenBaoClient>("openbao test", "acme", std::move(identity),
                                           make_http_transport(server_->pki.options(server_->port, "ca", certificate)));
  }
  /// @param certificate of the client
  static std::shared_ptr<OpenBaoClient> acme(const std::string& certificate = "acme") {
    return client(OpenBaoCertificate{"cvm/cert", "service"}, certificate);
  }
  static KeyStore store(const std::shared_ptr<OpenBaoClient>& client) {
    return open_openbao_store(samples::acme, client, {"cvm/kv", "cvm/transit"});
  }
  static std::unique_ptr<openbao_server::Server> server_;
};
std::unique_ptr<openbao_server::Server> ServiceAtOpenBao::server_;

void use_up(KeyStore keys, const std::string& key) {
  const KeyName name = KeyName::parse(key);
  keys.create(name, samples::policy());
  keys.mark_formatted(name);
  keys.begin_rotation(name);
  EXPECT_EQ(keys.commit_rotation(name).unerased, 0U);
  EXPECT_EQ(std::get<base::Secret>(keys.release(name, samples::guest())).size(), key_size);
  keys.revoke(name);
  EXPECT_EQ(keys.destroy(name).state, KeyState::destroyed);
}

TEST_F(ServiceAtOpenBao, KeepsKeysThroughTheirWholeLifeWithItsCertificate) {
  use_up(store(acme()), "worker/0/data");
}

TEST_F(ServiceAtOpenBao, KeepsKeysWithATokenOfThePolicyAlone) {
  const base::Json made = server_->call(
      "POST", "auth/token/create-orphan", "acme",
      base::Json::Object{{"period", "24h"}, {"policies", base::Json::Array{service_policy_name(samples::acme)}}});
  use_up(store(client(OpenBaoToken{openbao_server::Server::secret(made.at("auth").at("client_token").text())}, "")),
         "worker/1/data");
}

TEST_F(ServiceAtOpenBao, IsRefusedWithAnotherCertificateOfTheSameCa) {
  EXPECT_THAT([&] { static_cast<void>(store(acme("rival")).names()); },
              ThrowsMessage<ProviderError>(HasSubstr("POST /v1/auth/cvm/cert/login")));
}

TEST_F(ServiceAtOpenBao, CannotTakeAKeyOutOrAdministerAnything) {
  const auto service = acme();
  for (const char* path : {"sys/mounts", "sys/policies/acl/bulkhead-acme-service",
                           "cvm/transit/export/encryption-key/x", "auth/cvm/cert/certs/service"})
    EXPECT_EQ(service->try_to_read("acme", path), 403U) << path;
  EXPECT_EQ(service->try_to_read("rival", "cvm/kv/data/worker/0/data"), 403U);
}

}  // namespace
}  // namespace kms
