#pragma once
#include <cstdlib>
#include <filesystem>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/posix_child.h"
#include "kms/http.h"
#include "kms/openbao_answers.h"
#include "tests/kms/servers/local_server.h"
#include "tests/kms/servers/test_pki.h"

/// A real OpenBao in server mode, with TLS and its own storage (tests/kms/fetch-openbao brings it).
namespace kms::openbao_server {

using base::Json;

inline std::string program() {
  const char* const given = std::getenv("BULKHEAD_BAO");
  return given != nullptr ? given : std::string(BULKHEAD_SOURCE_DIR) + "/build/openbao/bao";
}

inline constexpr const char* policy = R"(
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
  /// As after a loss of power: nobody listens until start_again().
  void kill() { process_.reset(); }
  void start_again() {
    start();
    wait_for_health(503);  // sealed
    unseal();
  }
  /// What `bulkhead kms policy` prints, as the owner runs it.
  void run(const std::string& script) const {
    base::write_file_atomically(pki.file("set-up"), script, 0600);
    const std::string folder = std::filesystem::path(program()).parent_path();
    base::run_or_throw({"env", "PATH=" + folder + ":/usr/bin:/bin",
                        "BAO_ADDR=https://127.0.0.1:" + std::to_string(port), "BAO_CACERT=" + pki.file("ca.pem"),
                        "BAO_TOKEN=" + root_token_, "HOME=" + pki.file(""), "sh", pki.file("set-up")});
  }
  static base::Secret secret(const std::string& text) { return base::Secret(base::buffer_of(base::bytes_of(text))); }

  /// A new token of that namespace. @param wanted as auth/token/create takes it
  std::string token(const std::string& name_space, Json::Object wanted) {
    return call("POST", "auth/token/create", name_space, std::move(wanted)).at("auth").at("client_token").text();
  }

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
    cluster_port_ = cluster_port_ == 0 ? local_server::free_port() : cluster_port_;
    const Json listener = Json::Object{{"address", "127.0.0.1:" + std::to_string(port)},
                                       {"cluster_address", "127.0.0.1:" + std::to_string(cluster_port_)},
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

  std::uint16_t cluster_port_ = 0;
  std::optional<base::Child> process_;
  std::unique_ptr<HttpTransport> admin_;
  std::string unseal_key_, root_token_;
};

}  // namespace kms::openbao_server
