#include <gmock/gmock.h>

#include "kms/openbao_store.h"
#include "kms/openbao_token.h"
#include "kms/provider_check.h"
#include "kms/provider_error.h"
#include "tests/kms/samples.h"
#include "tests/kms/servers/openbao_server.h"

namespace kms {
namespace {

using base::Json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const KeyName root = KeyName::parse("worker/0/root");

using openbao_server::program;
using openbao_server::Server;

class RealOpenBao : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (std::filesystem::exists(program())) server_ = std::make_unique<Server>();
  }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_) GTEST_SKIP() << "needs OpenBao: run tests/kms/fetch-openbao, or set BULKHEAD_BAO";
  }
  static std::shared_ptr<OpenBaoClient> client(const std::string& name_space, OpenBaoIdentity identity,
                                               const std::string& certificate = "", const std::string& ca = "ca") {
    return std::make_shared<OpenBaoClient>("openbao test", name_space, std::move(identity),
                                           make_http_transport(server_->pki.options(server_->port, ca, certificate)));
  }
  static std::shared_ptr<OpenBaoClient> acme() { return client("acme", OpenBaoCertificate{"cert", "keys"}, "acme"); }
  static OpenBaoIdentity jwt(const std::string& tenant, const std::string& audience,
                             std::int64_t expires = 4000000000) {
    return OpenBaoJwt{"jwt", "guest", [=] { return Server::secret(server_->jwt(tenant, audience, expires)); }};
  }
  static KeyStore store(const std::shared_ptr<OpenBaoClient>& client) {
    return open_openbao_store(samples::acme, client, {});
  }
  static base::Buffer key(KeyStore& store, const KeyName& name, Slot slot = Slot::current) {
    return base::buffer_of(std::get<base::Secret>(store.release(name, samples::guest(), slot)).view());
  }
  static std::unique_ptr<Server> server_;
};
std::unique_ptr<Server> RealOpenBao::server_;

TEST_F(RealOpenBao, KeepsKeysThroughTheirWholeLife) {
  KeyStore keys = store(acme());
  keys.create(root, samples::policy());
  keys.mark_formatted(root);
  const base::Buffer first = key(keys, root);
  EXPECT_EQ(first.size(), key_size);
  keys.begin_rotation(root);
  const base::Buffer second = key(keys, root, Slot::next);
  EXPECT_NE(first, second);
  EXPECT_EQ(key(keys, root), first);
  EXPECT_EQ(keys.commit_rotation(root).unerased, 0U);
  EXPECT_EQ(key(keys, root), second);
  EXPECT_THAT(keys.names(), ElementsAre(root));
  keys.revoke(root);
  keys.revoke(root);
  EXPECT_EQ(keys.destroy(root).state, KeyState::destroyed);
  EXPECT_EQ(keys.destroy(root).state, KeyState::destroyed);
}

TEST_F(RealOpenBao, EndsARevokedKeyItself) {
  const auto material = make_openbao_material(acme(), "transit");
  const MaterialId id{samples::acme, KeyName::parse("revoked"), 1};
  const base::Buffer handle = material->make(id);
  EXPECT_EQ(material->fetch(id, handle).size(), key_size);
  material->revoke(id, handle);
  material->revoke(id, handle);
  EXPECT_THROW(material->fetch(id, handle), ProviderError);
  material->erase(id, handle);
  material->erase(id, handle);
  EXPECT_THROW(material->fetch(id, handle), ProviderError);
}

TEST_F(RealOpenBao, KeepsTheChangeOfWhoeverWasFirst) {
  const KeyName name = KeyName::parse("worker/1/root");
  KeyStore one = store(acme());
  one.create(name, samples::policy());
  const auto records = make_openbao_records(acme(), "kv");
  const StoredRecord read = *records->read(name);
  one.mark_formatted(name);
  EXPECT_EQ(records->write(name, read.record, read.revision), Written::somebody_else_was_first);
  EXPECT_EQ(one.status(name).state, KeyState::in_use);
}

TEST_F(RealOpenBao, TakesATokenOfTheAttestationServiceForItsOwnAudienceAndTenantOnly) {
  KeyStore keys = store(client("acme", jwt("acme", "kms.acme")));
  const KeyName name = KeyName::parse("worker/2/root");
  keys.create(name, samples::policy());
  EXPECT_EQ(key(keys, name).size(), key_size);
  const auto refused = [&](OpenBaoIdentity identity, const char* message) {
    KeyStore stranger = store(client("acme", std::move(identity)));
    EXPECT_THAT([&] { static_cast<void>(stranger.status(name)); },
                ThrowsMessage<ProviderError>(AllOf(HasSubstr("POST /v1/auth/jwt/login"), HasSubstr(message))));
  };
  refused(jwt("acme", "kms.rival"), "aud");
  refused(jwt("rival", "kms.acme"), "claim");
  refused(jwt("acme", "kms.acme", 1700000001), "expired");
}

TEST_F(RealOpenBao, RefusesTheCertificateOfAnotherTenant) {
  EXPECT_THAT(
      [&] { static_cast<void>(store(client("acme", OpenBaoCertificate{"cert", "keys"}, "rival")).status(root)); },
      ThrowsMessage<ProviderError>(HasSubstr("POST /v1/auth/cert/login")));
}

TEST_F(RealOpenBao, RefusesATokenOutsideItsNamespaceAndMounts) {
  const auto client = acme();
  EXPECT_EQ(client->try_to_read("rival", "kv/data/worker/0/root"), 403U);
  EXPECT_EQ(client->try_to_read("", "sys/mounts"), 403U);
  EXPECT_EQ(client->try_to_read("acme", "sys/mounts"), 403U);
}

TEST_F(RealOpenBao, SaysThatANamespaceOrMountIsNotThere) {
  EXPECT_THAT(
      [&] { static_cast<void>(store(client("nobody", OpenBaoCertificate{"cert", "keys"}, "acme")).status(root)); },
      ThrowsMessage<ProviderError>(HasSubstr("namespace not found")));
  const auto elsewhere = make_openbao_records(acme(), "secret");
  EXPECT_THAT([&] { elsewhere->read(root); }, ThrowsMessage<ProviderError>(HasSubstr("HTTP 403")));
}

TEST_F(RealOpenBao, LogsInAgainWhenItsTokenExpired) {
  const auto patient = acme();
  KeyStore keys = store(patient);
  const KeyName name = KeyName::parse("worker/3/root");
  keys.create(name, samples::policy());
  const Json token =
      server_->call("POST", "auth/token/create", "acme", Json::Object{{"policies", Json::Array{"keys"}}});
  KeyStore impatient = store(client("acme", OpenBaoToken{Server::secret(token.at("auth").at("client_token").text())}));
  EXPECT_EQ(impatient.status(name).current, 1U);
  server_->call("POST", "sys/leases/revoke-prefix/auth", "acme", Json::Object{});
  EXPECT_EQ(keys.status(name).current, 1U);
  EXPECT_THAT([&] { static_cast<void>(impatient.status(name)); },
              ThrowsMessage<ProviderError>(HasSubstr("permission denied")));
}

TEST_F(RealOpenBao, TakesAWrappedTokenOnce) {
  const Json wrapped =
      server_->call("POST", "auth/token/create", "acme", Json::Object{{"policies", Json::Array{"keys"}}}, "60s");
  const std::string token = wrapped.at("wrap_info").at("token").text();
  const auto first = client("acme", OpenBaoWrappedToken{Server::secret(token)});
  EXPECT_EQ(first->request("GET", "kv/data/none", {}, OpenBaoEffect::none).status, 404U);
  EXPECT_EQ(first->request("GET", "kv/data/none", {}, OpenBaoEffect::none).status, 404U);
  const auto thief = client("acme", OpenBaoWrappedToken{Server::secret(token)});
  EXPECT_THAT([&] { thief->request("GET", "kv/data/none", {}, OpenBaoEffect::none); },
              ThrowsMessage<ProviderError>(HasSubstr("wrapping token is not valid")));
}

TEST_F(RealOpenBao, IsNotBelievedUnderAnotherCaThanThePinnedOne) {
  const auto elsewhere = client("acme", OpenBaoCertificate{"cert", "keys"}, "acme", "other-ca");
  EXPECT_THAT([&] { static_cast<void>(store(elsewhere).status(root)); },
              ThrowsMessage<ProviderError>(AllOf(HasSubstr("peer certificate"), HasSubstr("(a retry is safe)"))));
}

TEST_F(RealOpenBao, IsCheckedForWhatItsCredentialMayNotRead) {
  Connection connection{samples::acme, {}};
  OpenBaoConnection at;
  at.tls = {{"127.0.0.1", server_->port},
            server_->pki.file("ca.pem"),
            server_->pki.file("acme.pem"),
            server_->pki.file("acme.key")};
  at.name_space = "acme";
  at.login_mount = "cert";
  at.role = "keys";
  const auto failed = [&](const OpenBaoConnection& to) {
    connection.provider = to;
    std::vector<std::string> names;
    for (const CheckFinding& finding :
         check_provider(connection, {{"rival"}, true}, {make_http_transport, nullptr}).findings)
      if (!finding.passed) names.push_back(finding.check + ": " + finding.got);
    return names;
  };
  EXPECT_THAT(failed(at), testing::IsEmpty());
  const Json wrapped =
      server_->call("POST", "auth/token/create", "acme", Json::Object{{"policies", Json::Array{"keys"}}}, "60s");
  base::write_file_atomically(server_->pki.file("wrapped"), wrapped.at("wrap_info").at("token").text() + "\n", 0600);
  at.method = OpenBaoMethod::wrapped_token;
  at.file = server_->pki.file("wrapped");
  EXPECT_THAT(failed(at), testing::IsEmpty());
  // The root token may do anything: that is found out.
  base::write_file_atomically(server_->pki.file("root"), server_->root_token(), 0600);
  at.method = OpenBaoMethod::token;
  at.file = server_->pki.file("root");
  EXPECT_THAT(failed(at), testing::Contains("refused outside its mounts: sys/mounts: HTTP 200, wanted 403"));
  EXPECT_THAT(failed(at),
              testing::Contains("its token: policy root: it is unlimited; never ends, not renewable; policies: root"));
}

TEST_F(RealOpenBao, SaysHowLongATokenLivesAndWhetherItIsRenewed) {
  const auto token = [&](Json::Object wanted) {
    wanted["policies"] = Json::Array{"keys"};
    return make_openbao_token(client("acme", OpenBaoToken{Server::secret(server_->token("acme", std::move(wanted)))}));
  };
  const auto periodic = token({{"period", "1h"}});
  EXPECT_EQ(periodic->look().granted, 3600);
  EXPECT_TRUE(periodic->look().renewable);
  EXPECT_EQ(periodic->renew().seconds, 3600);
  const auto fixed = token({{"ttl", "1h"}, {"renewable", false}});
  EXPECT_FALSE(fixed->look().renewable);
  EXPECT_LE(fixed->look().seconds, 3600);
  EXPECT_THAT([&] { fixed->renew(); }, ThrowsMessage<base::Error>(HasSubstr("lease is not renewable")));
  const auto limited = token({{"ttl", "1h"}, {"explicit_max_ttl", "90m"}});
  EXPECT_EQ(limited->look().granted, 3600);
  EXPECT_LE(limited->renew().seconds, 3600);
  const auto unpermitted = token({{"period", "1h"}, {"no_default_policy", true}});
  EXPECT_THAT([&] { unpermitted->look(); }, ThrowsMessage<base::Error>(HasSubstr("permission denied")));
  const auto unlimited = make_openbao_token(client("", OpenBaoToken{Server::secret(server_->root_token())}));
  EXPECT_EQ(unlimited->look().seconds, std::nullopt);
  const auto revoked = server_->token("acme", {{"period", "1h"}});
  server_->call("POST", "auth/token/revoke", "acme", Json::Object{{"token", revoked}});
  const auto ended = make_openbao_token(client("acme", OpenBaoToken{Server::secret(revoked)}));
  EXPECT_THAT([&] { ended->look(); },
              ThrowsMessage<base::Error>(AllOf(HasSubstr("GET /v1/auth/token/lookup-self: HTTP 403"),
                                               HasSubstr("the token ended or was revoked"))));
}

TEST_F(RealOpenBao, SaysThatItIsSealedAndLosesNoKey) {
  KeyStore keys = store(acme());
  const KeyName name = KeyName::parse("worker/4/root");
  keys.create(name, samples::policy());
  keys.mark_formatted(name);
  keys.begin_rotation(name);
  const base::Buffer before = key(keys, name), next = key(keys, name, Slot::next);
  server_->call("PUT", "sys/seal", "", Json::Object{});
  EXPECT_THAT([&] { keys.commit_rotation(name); },
              ThrowsMessage<ProviderError>(AllOf(HasSubstr("HTTP 503"), HasSubstr("(a retry is safe)"))));
  server_->unseal();
  EXPECT_EQ(key(keys, name), before);
  EXPECT_EQ(key(keys, name, Slot::next), next);
  keys.commit_rotation(name);
  EXPECT_EQ(key(keys, name), next);
}

/// Nobody answers, or never.
TEST(UnreachableOpenBao, IsGivenUpWhenItIsDownOrSlow) {
  const test_pki::Folder folder;
  folder.make_ca("ca");
  const auto asked = [](TlsOptions options) {
    options.patience = std::chrono::milliseconds(100);
    OpenBaoClient client("openbao away", "acme", OpenBaoToken{Server::secret("s.x")},
                         make_http_transport(std::move(options)));
    client.granted("GET", "kv/data/a", {}, OpenBaoEffect::none);
  };
  const auto told = [](const char* what) {
    return ThrowsMessage<ProviderError>(
        AllOf(HasSubstr("kms openbao away, request "), HasSubstr(what), HasSubstr("(a retry is safe)")));
  };
  EXPECT_THAT([&] { asked(folder.options(local_server::free_port(), "ca", "")); }, told("connect to server"));
  local_server::Socket silent;
  const std::uint16_t port = silent.bind_anywhere();
  ASSERT_EQ(::listen(silent.descriptor(), 8), 0);
  EXPECT_THAT([&] { asked(folder.options(port, "ca", "")); }, told("Timeout"));
}

}  // namespace
}  // namespace kms
