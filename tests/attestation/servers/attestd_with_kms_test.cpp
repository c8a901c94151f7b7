#include <algorithm>
#include <ctime>
#include <filesystem>

#include "base/certificate.h"
#include "tests/attestation/daemon_fixture.h"
#include "tests/kms/servers/kmip_server.h"
#include "tests/kms/servers/openbao_server.h"
#include "tests/software_token.h"

// bulkhead-attestd with its tenant's keys in real key management servers and in a PKCS#11 token.

namespace {

using namespace fake;
using base::Json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A provider beside the test, and what an owner writes about it.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Why it cannot run here; "" when it can.
  [[nodiscard]] virtual std::string missing() const = 0;
  virtual void start() = 0;
  /// bulkhead.kms-connection/v1 of the tenant acme, with the credential of `who`.
  [[nodiscard]] virtual Json connection(const std::string& who) const = 0;
  [[nodiscard]] virtual Json files(const std::string& who) const = 0;
  [[nodiscard]] virtual Json place() const = 0;
  [[nodiscard]] virtual std::vector<std::string> environment() const { return {}; }

 protected:
  static Json document(const char* provider, Json at) {
    return Json::Object{{"schema", "bulkhead.kms-connection/v1"}, {"tenant", "acme"}, {provider, std::move(at)}};
  }
  static Json tls_files(const kms::test_pki::Folder& pki, const std::string& who) {
    return Json::Object{
        {"ca.pem", pki.text("ca.pem")}, {"own.pem", pki.text(who + ".pem")}, {"own.key", pki.text(who + ".key")}};
  }
  static Json place_of(const char* provider, std::uint16_t port, const char* name_space,
                       const kms::test_pki::Folder& pki) {
    return Json::Object{{"provider", provider},
                        {"server", "127.0.0.1:" + std::to_string(port)},
                        {"namespace", name_space},
                        {"mount", ""},
                        {"token", ""},
                        {"ca", base::certificate_fingerprint(pki.text("ca.pem"), "ca").hex()},
                        {"client", {}}};
  }
};

class OpenBaoPeer final : public Peer {
 public:
  [[nodiscard]] std::string missing() const override {
    const bool there = std::filesystem::exists(kms::openbao_server::program());
    return there ? "" : "needs OpenBao: run tests/kms/fetch-openbao, or set BULKHEAD_BAO";
  }
  void start() override { server_ = std::make_unique<kms::openbao_server::Server>(); }
  [[nodiscard]] Json connection(const std::string& /*who*/) const override {
    return document("openbao", Json::Object{{"url", "https://127.0.0.1:" + std::to_string(server_->port)},
                                            {"ca", "ca.pem"},
                                            {"certificate", "own.pem"},
                                            {"privateKey", "own.key"},
                                            {"namespace", "acme"},
                                            {"login", Json::Object{{"method", "certificate"}, {"role", "keys"}}}});
  }
  [[nodiscard]] Json files(const std::string& who) const override { return tls_files(server_->pki, who); }
  [[nodiscard]] Json place() const override { return place_of("openbao", server_->port, "acme", server_->pki); }
  void go_down() { server_->kill(); }
  void come_back() { server_->start_again(); }
  /// What the server says to a credential that is not of this tenant.
  static constexpr const char* name = "kms openbao 127.0.0.1:";
  static constexpr const char* refusal = "POST /v1/auth/cert/login: HTTP 4";

 private:
  std::unique_ptr<kms::openbao_server::Server> server_;
};

class KmipPeer final : public Peer {
 public:
  [[nodiscard]] std::string missing() const override {
    return kms::pykmip_server::can_run() ? "" : "needs python3-pykmip and a Python that has ssl.wrap_socket";
  }
  void start() override { server_ = std::make_unique<kms::pykmip_server::Server>(); }
  [[nodiscard]] Json connection(const std::string& /*who*/) const override {
    return document("kmip", Json::Object{{"url", "https://127.0.0.1:" + std::to_string(server_->port)},
                                         {"ca", "ca.pem"},
                                         {"certificate", "own.pem"},
                                         {"privateKey", "own.key"},
                                         {"version", "1.4"},
                                         {"store", "unused"},
                                         {"keyFile", "unused"}});
  }
  [[nodiscard]] Json files(const std::string& who) const override { return tls_files(server_->folder, who); }
  [[nodiscard]] Json place() const override { return place_of("kmip", server_->port, "", server_->folder); }
  void go_down() { server_->kill(); }
  void come_back() { server_->start(); }
  static constexpr const char* name = "kms kmip 127.0.0.1:";
  static constexpr const char* refusal = "Get: permission denied";

 private:
  std::unique_ptr<kms::pykmip_server::Server> server_;
};

class TokenPeer final : public Peer {
 public:
  [[nodiscard]] std::string missing() const override {
    const bool configured = std::filesystem::exists("/usr/share/p11-kit/modules/softhsm2.module");
    return configured && !tests::softhsm_library().empty() ? "" : "needs softhsm2, known to p11-kit";
  }
  void start() override {
    tokens_ = std::make_unique<tests::SoftwareTokens>();
    tokens_->add_token("acme");
    tokens_->import("acme", "kek", "a1", base::Secret(base::Buffer(32, 7)), {"--aes"});
  }
  [[nodiscard]] Json connection(const std::string& /*who*/) const override {
    return document("pkcs11",
                    Json::Object{{"store", "unused"}, {"uri", "pkcs11:token=acme;object=kek?pin-source=file:pin"}});
  }
  [[nodiscard]] Json files(const std::string& who) const override {
    return Json::Object{{"pin", who == "acme" ? "1234" : "4321"}};
  }
  [[nodiscard]] Json place() const override {
    return Json::Object{{"provider", "pkcs11"}, {"server", ""}, {"namespace", ""}, {"mount", ""},
                        {"token", "acme"},      {"ca", {}},     {"client", {}}};
  }
  [[nodiscard]] std::vector<std::string> environment() const override {
    return {"env", "SOFTHSM2_CONF=" + tokens_->file("softhsm2.conf")};
  }
  void go_down() { std::filesystem::rename(tokens_->file("tokens"), tokens_->file("elsewhere")); }
  void come_back() { std::filesystem::rename(tokens_->file("elsewhere"), tokens_->file("tokens")); }
  static constexpr const char* name = "kms pkcs11 token acme";

 private:
  std::unique_ptr<tests::SoftwareTokens> tokens_;
};

template <typename Provider>
class AttestdWith : public Daemon {
 protected:
  static void SetUpTestSuite() {
    peer_ = std::make_unique<Provider>();
    if (peer_->missing().empty()) peer_->start();
  }
  static void TearDownTestSuite() { peer_.reset(); }
  void SetUp() override {
    if (!peer_->missing().empty()) GTEST_SKIP() << peer_->missing();
    program.before_program = peer_->environment();
    config["kms"] = peer_->place();
    use_credential_of("acme");
  }
  void use_credential_of(const std::string& who) {
    bundle["kms"] = Json::Object{{"connection", peer_->connection(who)}, {"files", peer_->files(who)}};
    write_files();
  }
  /// What the guest is told instead of its key, and the reason behind it in the audit log.
  std::string not_now() {
    try {
      return volume();
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::host) << "no refusal: the guest asks again";
      EXPECT_THAT(error.what(), HasSubstr("not now; entry"));
    }
    const std::string all = log();
    return all.substr(all.rfind("\"event\":\"not now\""));
  }
  /// The key, formatted and shown. A server has what an earlier test of its suite made.
  std::string formatted_key() {
    const std::string key = volume();
    wire::AttestedSession(*client(), worker).note_formatted("worker-0-data");
    return key.substr(key.rfind(' ') + 1);
  }
  /// The keys that the guest is given now: the current version, and while it rotates the next one.
  std::vector<std::string> versions() {
    std::vector<std::string> keys;
    const auto sent = wire::AttestedSession(*client(), worker).volume_keys("worker-0-data");
    for (const base::Secret& key : sent.versions) keys.push_back(base::hex(key.view()));
    return keys;
  }
  void expect_nowhere(const std::string& key) {
    const std::string raw = base::text_of(*base::from_hex(key));
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      if (!entry.is_regular_file()) continue;
      const std::string content = base::read_file(entry.path());
      EXPECT_THAT(content, AllOf(Not(HasSubstr(raw)), Not(HasSubstr(key)))) << entry.path();
    }
  }
  static std::unique_ptr<Provider> peer_;
};
template <typename Provider>
std::unique_ptr<Provider> AttestdWith<Provider>::peer_;

class NameOfProvider {
 public:
  template <typename Provider>
  static std::string GetName(int index) {
    return std::vector<std::string>{"OpenBao", "Kmip", "Pkcs11"}.at(static_cast<std::size_t>(index));
  }
};
using Providers = testing::Types<OpenBaoPeer, KmipPeer, TokenPeer>;
TYPED_TEST_SUITE(AttestdWith, Providers, NameOfProvider);

/// A suite of its own: its provider has no key of an earlier test.
template <typename Provider>
class AttestdWithLostProvider : public AttestdWith<Provider> {};
TYPED_TEST_SUITE(AttestdWithLostProvider, Providers, NameOfProvider);

template <typename Provider>
class AttestdWithServer : public AttestdWith<Provider> {};
using Servers = testing::Types<OpenBaoPeer, KmipPeer>;
TYPED_TEST_SUITE(AttestdWithServer, Servers, NameOfProvider);

using AttestdWithPkcs11 = AttestdWith<TokenPeer>;

TYPED_TEST(AttestdWith, ReleasesAKeyAfterAppraisalAndTheSameOneAfterARestart) {
  this->start();
  this->approve_and_enrol();
  EXPECT_THAT(this->volume(), testing::StartsWith("may format "));
  const std::string key = this->formatted_key(), secret = this->secret();
  this->expect_nowhere(key);
  this->worker.events.at(3).data = "another initrd";
  EXPECT_THROW(this->volume(), base::Error);
  this->worker.events.at(3).data = "initrd";
  this->program.kill();
  this->start();
  EXPECT_EQ(this->volume(), "opens " + key);
  EXPECT_EQ(this->secret(), secret);
  EXPECT_FALSE(std::filesystem::exists(this->file("keys.sqlite"))) << "nothing is in the embedded store";
  EXPECT_THAT(this->program.admin->shred_keys().names, testing::ElementsAre("bootstrap/worker/0", "worker/0/data"));
  EXPECT_THROW(this->volume(), base::Error);
  EXPECT_EQ(verify_audit_log(this->log()), std::nullopt);
}

TYPED_TEST(AttestdWith, DoesNotStartWithAConnectionToAnotherPlaceThanApproved) {
  this->config["kms"]["provider"] = std::is_same_v<TypeParam, KmipPeer> ? "openbao" : "kmip";
  this->write_files();
  EXPECT_EQ(this->ends(), 1);
}

TYPED_TEST(AttestdWithServer, IsRefusedByTheServerWithTheCredentialOfAnotherTenant) {
  this->start();
  this->approve_and_enrol();
  const std::string key = this->formatted_key();
  this->program.kill();
  this->use_credential_of("rival");
  this->start();
  EXPECT_THAT(this->not_now(), AllOf(HasSubstr("127.0.0.1:"), HasSubstr(", request "), HasSubstr(TypeParam::refusal)));
  this->program.kill();
  this->use_credential_of("acme");
  this->start();
  EXPECT_EQ(this->volume(), "opens " + key);
}

TYPED_TEST(AttestdWithLostProvider, TellsAGuestToAskAgainAndLosesNothing) {
  this->start();
  this->approve_and_enrol();
  const std::string key = this->formatted_key();
  this->peer_->go_down();
  EXPECT_THAT(this->not_now(),
              AllOf(HasSubstr(TypeParam::name), HasSubstr(", request "), HasSubstr("(a retry is safe)")));
  EXPECT_EQ(this->program.admin->state().guests.at(0).lease->standing, "current") << "everything else is answered";
  this->peer_->come_back();
  EXPECT_EQ(this->volume(), "opens " + key);
  EXPECT_THAT(this->log(), Not(HasSubstr(key)));
}

TYPED_TEST(AttestdWithLostProvider, KeepsOldAndNewKeyThroughKillsDuringARotationUntilItIsCommitted) {
  this->start();
  this->approve_and_enrol();
  this->formatted_key();
  const std::uint32_t next = this->program.admin->rotate_keys(std::vector<std::string>{"worker/0/data"}).at(0).next;
  const std::vector<std::string> both = this->versions();
  ASSERT_EQ(both.size(), 2U);
  const auto commit = [&] { wire::AttestedSession(*this->client(), this->worker).note_rotated("worker-0-data", next); };
  this->program.kill();
  this->start();
  EXPECT_EQ(this->versions(), both);
  this->peer_->go_down();
  try {
    commit();  // where records are in the service's file, only the old key is left to erase
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::host) << error.what();
  }
  this->program.kill();
  this->peer_->come_back();
  this->start();
  EXPECT_THAT(this->versions(), testing::Contains(both.at(1)));
  commit();
  EXPECT_THAT(this->versions(), testing::ElementsAre(both.at(1)));
  EXPECT_EQ(this->program.admin->state().keys.at(0).unerased, 0U) << "the start erased what could not be before";
}

TYPED_TEST(AttestdWithServer, TellsWhenItsCertificateForTheServerEnds) {
  this->start();
  const auto certificates = this->program.admin->state().certificates;
  const auto own = std::ranges::find(certificates, "client of the KMS", &attestation::CollateralItem::subject);
  ASSERT_NE(own, certificates.end());
  EXPECT_GT(own->until.value(), ::time(nullptr));
}

TYPED_TEST(AttestdWithServer, StartsWithoutTheServer) {
  this->peer_->go_down();
  this->start();
  this->approve_and_enrol();
  EXPECT_THAT(this->not_now(), HasSubstr("(a retry is safe)"));
  this->peer_->come_back();
  EXPECT_EQ(this->formatted_key().size(), 64U);
}

TEST_F(AttestdWithPkcs11, IsRefusedByTheTokenWithThePinOfAnotherTenant) {
  use_credential_of("rival");
  EXPECT_EQ(ends(), 4) << "the token says no";
}

}  // namespace
