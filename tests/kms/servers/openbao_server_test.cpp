#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/posix_child.h"
#include "kms/openbao_store.h"
#include "kms/provider_check.h"
#include "kms/provider_error.h"
#include "tests/kms/samples.h"
#include "tests/kms/servers/local_server.h"
#include "tests/kms/servers/test_pki.h"

/// Against a real OpenBao in server mode, with TLS and its own storage (tests/kms/fetch-openbao brings it).
namespace kms {
namespace {

using base::Json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const KeyName root = KeyName::parse("worker/0/root");

std::string program() {
  const char* const given = std::getenv("BULKHEAD_BAO");
  return given != nullptr ? given : std::string(BULKHEAD_SOURCE_DIR) + "/build/openbao/bao";
}

constexpr const char* policy = R"(
path "kv/data/*" { capabilities = ["create", "read", "update"] }
path "kv/metadata/*" { capabilities = ["list"] }
path "transit/keys/*" { capabilities = ["create", "read", "update", "delete"] }
path "transit/datakey/wrapped/*" { capabilities = ["update"] }
path "transit/decrypt/*" { capabilities = ["update"] }
)";

/// An unsealed server, on which the namespaces acme and rival each have the engines, a policy and two ways to log in.
class Server {
 public:
  Server() {
    pki.make_ca("ca");
    pki.make_ca("clients");
    pki.make_ca("other-ca");
    pki.issue("ca", "server", "server", "serverAuth");
    pki.issue("clients", "acme", "acme", "clientAuth");
    pki.issue("clients", "rival", "rival", "clientAuth");
    start();
    TlsOptions options = pki.options(port, "ca", "");
    options.patience = std::chrono::seconds(60);  // a busy machine makes its storage slowly
    admin_ = make_http_transport(std::move(options));
    wait_for_health(501);  // not initialized
    const Json made = call("PUT", "sys/init", "", Json::Object{{"secret_shares", 1}, {"secret_threshold", 1}});
    unseal_key_ = made.at("keys").array().at(0).text();
    root_token_ = made.at("root_token").text();
    unseal();
    for (const char* const tenant : {"acme", "rival"}) prepare(tenant);
  }

  Json call(const std::string& method, const std::string& path, const std::string& name_space, const Json& body,
            const std::string& wrap = "") {
    HttpRequest request{method, "/v1/" + path, {}, {"X-Vault-Token", secret(root_token_)}, secret(body.compact())};
    if (!name_space.empty()) request.headers.emplace_back("X-Vault-Namespace", name_space);
    if (!wrap.empty()) request.headers.emplace_back("X-Vault-Wrap-TTL", wrap);
    const HttpAnswer answer = admin_->exchange(request);
    if (answer.status >= 300)
      throw std::runtime_error(path + ": " + std::to_string(answer.status) + " " + base::text_of(answer.body.view()));
    return parse_openbao_body(answer.body.view());
  }
  void unseal() {
    call("PUT", "sys/unseal", "", Json::Object{{"key", unseal_key_}});
    wait_for_health(200);  // active, which it becomes a moment later
  }
  static base::Secret secret(const std::string& text) { return base::Secret(base::buffer_of(base::bytes_of(text))); }

  [[nodiscard]] const std::string& root_token() const { return root_token_; }

  /// A token as an attestation service makes them.
  [[nodiscard]] std::string jwt(const std::string& tenant, const std::string& audience, std::int64_t expires) const {
    const Json claims = Json::Object{
        {"sub", tenant + "/worker/0"}, {"aud", audience}, {"tenant", tenant}, {"iat", 1700000000}, {"exp", expires}};
    const std::string text = base::base64url(base::bytes_of(R"({"alg":"ES256","typ":"JWT"})")) + "." +
                             base::base64url(base::bytes_of(claims.compact()));
    return text + "." + base::base64url(signer.sign_es256(base::bytes_of(text)));
  }

  test_pki::Folder pki;
  std::uint16_t port = local_server::free_port();
  base::PrivateKey signer = base::PrivateKey::generate(base::PrivateKey::Type::p256);

 private:
  void wait_for_health(unsigned status) {
    for (int tries = 0; tries < 600; ++tries) {
      if (health() == status) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    throw std::runtime_error("OpenBao's health does not become " + std::to_string(status));
  }
  unsigned health() {
    TlsOptions options = pki.options(port, "ca", "");
    options.patience = std::chrono::seconds(2);  // it may listen before it answers
    try {
      return make_http_transport(std::move(options))->exchange({"GET", "/v1/sys/health", {}, {}, {}}).status;
    } catch (const TransportError&) {
      return 0;
    }
  }
  void start() {
    std::filesystem::create_directory(pki.file("raft"));
    const Json listener = Json::Object{{"address", "127.0.0.1:" + std::to_string(port)},
                                       {"cluster_address", "127.0.0.1:" + std::to_string(local_server::free_port())},
                                       {"tls_cert_file", pki.file("server.pem")},
                                       {"tls_key_file", pki.file("server.key")}};
    const Json config =
        Json::Object{{"storage", Json::Object{{"raft", Json::Object{{"path", pki.file("raft")}, {"node_id", "one"}}}}},
                     {"listener", Json::Object{{"tcp", listener}}},
                     {"api_addr", "https://127.0.0.1:" + std::to_string(port)},
                     {"cluster_addr", "https://" + listener.at("cluster_address").text()},
                     {"disable_mlock", true},
                     {"ui", false}};
    base::write_file_atomically(pki.file("server.json"), config.pretty(), 0600);
    process_.emplace(std::vector<std::string>{program(), "server", "-config=" + pki.file("server.json")},
                     base::ChildStreams{});
    if (!local_server::listens(port, [&] { return process_->ended_within(std::chrono::milliseconds(0)).has_value(); }))
      throw std::runtime_error("OpenBao does not start");
  }

  void prepare(const std::string& tenant) {
    call("POST", "sys/namespaces/" + tenant, "", Json::Object{});
    call("POST", "sys/mounts/kv", tenant, Json::Object{{"type", "kv"}, {"options", Json::Object{{"version", "2"}}}});
    call("POST", "sys/mounts/transit", tenant, Json::Object{{"type", "transit"}});
    call("POST", "sys/policies/acl/keys", tenant, Json::Object{{"policy", policy}});
    call("POST", "sys/auth/cert", tenant, Json::Object{{"type", "cert"}});
    call("POST", "auth/cert/certs/keys", tenant,
         Json::Object{{"certificate", pki.text("clients.pem")},
                      {"allowed_common_names", Json::Array{tenant}},
                      {"token_policies", Json::Array{"keys"}}});
    call("POST", "sys/auth/jwt", tenant, Json::Object{{"type", "jwt"}});
    call("POST", "auth/jwt/config", tenant,
         Json::Object{{"jwt_validation_pubkeys", Json::Array{signer.public_key().pem()}},
                      {"jwt_supported_algs", Json::Array{"ES256"}}});
    call("POST", "auth/jwt/role/guest", tenant,
         Json::Object{{"role_type", "jwt"},
                      {"user_claim", "sub"},
                      {"bound_audiences", Json::Array{"kms." + tenant}},
                      {"bound_claims", Json::Object{{"/tenant", tenant}}},
                      {"token_policies", Json::Array{"keys"}},
                      {"token_ttl", "60s"}});
  }

  std::optional<base::Child> process_;
  std::unique_ptr<HttpTransport> admin_;
  std::string unseal_key_, root_token_;
};

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

}  // namespace
}  // namespace kms
