#include <filesystem>

#include "base/certificate.h"
#include "tests/attestation/daemon_fixture.h"
#include "tests/kms/servers/openbao_server.h"

// bulkhead-attestd with a token of a real OpenBao, which ends unless somebody renews it.

namespace {

using namespace fake;
using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AttestdWithOpenBaoToken : public Daemon {
 protected:
  static void SetUpTestSuite() {
    if (std::filesystem::exists(kms::openbao_server::program()))
      server_ = std::make_unique<kms::openbao_server::Server>();
  }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_) GTEST_SKIP() << "needs OpenBao: run tests/kms/fetch-openbao, or set BULKHEAD_BAO";
  }
  /// The service with a new token of the tenant's policy. @param wanted as auth/token/create takes it
  void start_with_token(Json::Object wanted) {
    wanted["policies"] = Json::Array{"keys"};
    token_ = server_->token("acme", std::move(wanted));
    const Json at = Json::Object{{"url", "https://127.0.0.1:" + std::to_string(server_->port)},
                                 {"ca", "ca.pem"},
                                 {"namespace", "acme"},
                                 {"login", Json::Object{{"method", "token"}, {"file", "token"}}}};
    bundle["kms"] = Json::Object{
        {"connection", Json::Object{{"schema", "bulkhead.kms-connection/v1"}, {"tenant", "acme"}, {"openbao", at}}},
        {"files", Json::Object{{"ca.pem", server_->pki.text("ca.pem")}, {"token", token_}}}};
    config["kms"] = Json::Object{
        {"provider", "openbao"}, {"server", "127.0.0.1:" + std::to_string(server_->port)},
        {"namespace", "acme"},   {"mount", ""},
        {"token", ""},           {"ca", base::certificate_fingerprint(server_->pki.text("ca.pem"), "ca").hex()},
        {"client", {}}};
    write_files();
    start();
  }
  /// What the server says of the token.
  Json looked_up() {
    return server_->call("POST", "auth/token/lookup", "acme", Json::Object{{"token", token_}}).at("data");
  }
  /// Whether it comes true within a minute.
  template <typename Condition>
  static bool eventually(const Condition& condition) {
    for (unsigned tries = 0; tries < 600; ++tries) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }
  std::string token_;
  static std::unique_ptr<kms::openbao_server::Server> server_;
};
std::unique_ptr<kms::openbao_server::Server> AttestdWithOpenBaoToken::server_;

TEST_F(AttestdWithOpenBaoToken, KeepsAPeriodicOneAliveWithoutAnybodyAskingForAKey) {
  start_with_token({{"period", "5s"}});
  const auto outlived = [&] {
    const Json now = looked_up();  // throws when it has ended
    const Json* const renewed = now.find("last_renewal_time");
    return renewed != nullptr && renewed->integer() >= now.at("creation_time").integer() + 12;
  };
  EXPECT_TRUE(eventually(outlived));
  approve_and_enrol();
  EXPECT_THAT(volume(), testing::StartsWith("may format "));
  EXPECT_EQ(program.admin->state().credential, std::nullopt);
  EXPECT_THAT(log(), AllOf(Not(HasSubstr("credential")), Not(HasSubstr(token_))));
}

TEST_F(AttestdWithOpenBaoToken, SaysWhenOneEndsThatCannotBeRenewed) {
  start_with_token({{"ttl", "8s"}, {"renewable", false}});
  const std::int64_t ends = looked_up().at("creation_time").integer() + 8;
  EXPECT_TRUE(eventually([&] { return log().find("\"event\":\"key store credential ends\"") != std::string::npos; }));
  const auto told = program.admin->state().credential;
  ASSERT_TRUE(told && told->ends);
  EXPECT_LE(std::abs(*told->ends - ends), 2);
  EXPECT_EQ(told->problem, "");
  EXPECT_THAT(log(), Not(HasSubstr(token_)));
}

TEST_F(AttestdWithOpenBaoToken, SaysThatOneWasRevoked) {
  start_with_token({{"period", "6s"}});
  server_->call("POST", "auth/token/revoke", "acme", Json::Object{{"token", token_}});
  EXPECT_TRUE(eventually([&] { return log().find("\"event\":\"key store credential not") != std::string::npos; }));
  ASSERT_TRUE(program.admin->state().credential);
  EXPECT_THAT(program.admin->state().credential->problem,
              AllOf(HasSubstr("kms openbao 127.0.0.1:"), HasSubstr("HTTP 403: permission denied"),
                    HasSubstr("the token ended or was revoked")));
  approve_and_enrol();
  EXPECT_THROW(volume(), base::Error);
  EXPECT_THAT(log(), AllOf(HasSubstr("\"event\":\"not now\""), HasSubstr("permission denied"), Not(HasSubstr(token_))));
}

}  // namespace
