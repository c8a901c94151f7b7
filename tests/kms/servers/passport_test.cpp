#include "kms/passport.h"

#include <gmock/gmock.h>

#include "base/certificate.h"
#include "kms/passport_deletion.h"
#include "kms/passport_setup.h"
#include "kms/provider_error.h"
#include "tests/kms/servers/openbao_server.h"

namespace kms {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::ThrowsMessage;

using Key = base::PrivateKey;

Key new_key() {
  return Key::generate(Key::Type::p256);
}

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

base::CertificateRequest request(const std::string& name, const std::string& uri = "") {
  base::CertificateRequest request{name, {}, {}, now() - 3600, now() + 3600};
  if (!uri.empty()) request.uris = {uri};
  return request;
}

/// A tenant's CA, and the CA below it with which the tenant's service issues guests' certificates.
struct TenantPki {
  explicit TenantPki(const std::string& name)
      : ca(base::make_ca_certificate(base::KeySigner(key), request(name + " CA"))),
        guest_ca(base::make_peer_ca_certificate(base::KeySigner(key), ca, guest_key.public_key(),
                                                request(name + " guests"))) {}
  [[nodiscard]] std::string issue(const Key& holder, const base::CertificateRequest& wanted) const {
    return base::make_peer_certificate(base::KeySigner(guest_key), guest_ca, holder.public_key(), wanted) + guest_ca;
  }
  Key key = new_key(), guest_key = new_key();
  std::string ca, guest_ca;
};

base::GuestId worker(unsigned index, const char* tenant = "acme") {
  return {{tenant}, base::Pool::worker, index};
}
std::string uri_of(const base::GuestId& guest) {
  return "spiffe://" + guest.tenant.name + "/" + guest.text();
}

/// On one server the namespaces acme and rival, each set up for two guests, acme by the script.
class PassportOpenBao : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(openbao_server::program())) return;
    server_ = std::make_unique<openbao_server::Server>();
    for (const TenantPki* pki : {&acme, &rival}) {
      const std::string tenant = pki == &acme ? "acme" : "rival";
      PassportSetup setup{{tenant}, tenant, "cvm", pki->ca, {}};
      for (const unsigned index : {0U, 1U})
        setup.holders.push_back({worker(index, tenant.c_str()), uri_of(worker(index, tenant.c_str()))});
      for (int times = 0; times < 2; ++times) server_->run(openbao_script(openbao_setup(setup)));
    }
  }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_) GTEST_SKIP() << "needs OpenBao: run tests/kms/fetch-openbao, or set BULKHEAD_BAO";
  }

  /// Whoever holds this certificate and key, as the role `guest`, in the namespace of that tenant.
  static OpenBaoClient client(const base::GuestId& guest, const std::string& certificate, const Key& key) {
    TlsOptions options = server_->pki.options(server_->port, "ca", "");
    options.certificate = certificate;
    options.private_key = key.pem();
    return {"openbao test", guest.tenant.name, OpenBaoCertificate{passport_login("cvm"), passport_role(guest)},
            make_http_transport(std::move(options))};
  }
  static OpenBaoClient client(const base::GuestId& guest, const TenantPki& pki = acme) {
    const Key key = new_key();
    return client(guest, pki.issue(key, request("guest", uri_of(guest))), key);
  }
  static base::Buffer key_of(const base::GuestId& guest, const std::string& name) {
    OpenBaoClient own = client(guest, guest.tenant.name == "acme" ? acme : rival);
    return base::buffer_of(passport_key(own, passport_path("cvm", guest, name)).view());
  }
  static void expect_no_login(OpenBaoClient client) {
    EXPECT_THAT([&] { passport_key(client, passport_path("cvm", worker(0), "bootstrap")); },
                ThrowsMessage<ProviderError>(HasSubstr("POST /v1/auth/cvm/cert/login")));
  }

  static const TenantPki acme, rival;
  static std::unique_ptr<openbao_server::Server> server_;
};
const TenantPki PassportOpenBao::acme("acme"), PassportOpenBao::rival("rival");
std::unique_ptr<openbao_server::Server> PassportOpenBao::server_;

TEST_F(PassportOpenBao, KeepsAKeyThatAGuestMadeForEachOfItsNames) {
  const base::Buffer data = key_of(worker(0), "volumes/data");
  EXPECT_EQ(data.size(), 32U);
  EXPECT_EQ(key_of(worker(0), "volumes/data"), data);
  EXPECT_NE(key_of(worker(0), "bootstrap"), data);
  EXPECT_NE(key_of(worker(1), "volumes/data"), data);
  EXPECT_NE(key_of(worker(0, "rival"), "volumes/data"), data);
}

TEST_F(PassportOpenBao, RefusesAGuestEveryPathButItsOwn) {
  key_of(worker(0), "volumes/data");
  OpenBaoClient other = client(worker(1));
  for (const char* path : {"cvm/kv/data/guests/worker/0/volumes/data", "cvm/kv/data/guests/worker/10/volumes/data",
                           "cvm/kv/data/guests/worker/", "cvm/kv/metadata/guests?list=true",
                           "cvm/kv/metadata/guests/worker/1/volumes/data", "kv/data/worker/0/data", "sys/mounts"}) {
    EXPECT_EQ(other.try_to_read("acme", path), 403U) << path;
    EXPECT_EQ(other.try_to_read("rival", path), 403U) << path;
  }
  EXPECT_THAT([&] { passport_key(other, passport_path("cvm", worker(0), "volumes/new")); },
              ThrowsMessage<ProviderError>(HasSubstr("permission denied")));
}

TEST_F(PassportOpenBao, LetsAGuestNeitherReplaceNorDeleteItsKey) {
  const base::Buffer before = key_of(worker(0), "volumes/kept");
  const std::string path = passport_path("cvm", worker(0), "volumes/kept");
  OpenBaoClient own = client(worker(0));
  const Json replaced = Json::Object{{"data", Json::Object{{"key", "AAAA"}}}};
  EXPECT_THROW(own.granted("POST", path, replaced, OpenBaoEffect::idempotent), ProviderError);
  EXPECT_THROW(own.granted("DELETE", path, {}, OpenBaoEffect::idempotent), ProviderError);
  EXPECT_EQ(key_of(worker(0), "volumes/kept"), before);
}

TEST_F(PassportOpenBao, LetsAGuestMakeEachVersionOnceAndNoOtherGuestSeeOne) {
  const base::Buffer first = key_of(worker(0), "volumes/turned");
  OpenBaoClient own = client(worker(0)), other = client(worker(1));
  base::Buffer second;
  for (int times = 0; times < 2; ++times) {
    const base::Secret made = passport_key(own, passport_path("cvm", worker(0), "volumes/turned", 2));
    EXPECT_TRUE(second.empty() || base::buffer_of(made.view()) == second) << "asked again it is the same";
    second = base::buffer_of(made.view());
  }
  EXPECT_NE(second, first);
  const Json replaced = Json::Object{{"data", Json::Object{{"key", "AAAA"}}}};
  for (const std::uint32_t version : {1U, 2U}) {
    const std::string path = passport_path("cvm", worker(0), "volumes/turned", version);
    const std::string metadata = "cvm/kv/metadata/" + passport_name(worker(0), "volumes/turned", version);
    EXPECT_EQ(other.try_to_read("acme", path), 403U);
    for (OpenBaoClient* const who : {&own, &other}) {
      EXPECT_THROW(who->granted("POST", path, replaced, OpenBaoEffect::idempotent), ProviderError) << path;
      EXPECT_THROW(who->granted("DELETE", path, {}, OpenBaoEffect::idempotent), ProviderError) << path;
      EXPECT_THROW(who->granted("DELETE", metadata, {}, OpenBaoEffect::idempotent), ProviderError) << metadata;
    }
  }
  EXPECT_THAT([&] { passport_key(other, passport_path("cvm", worker(0), "volumes/turned", 3)); },
              ThrowsMessage<ProviderError>(HasSubstr("permission denied")));
  EXPECT_EQ(key_of(worker(0), "volumes/turned"), first);
}

TEST_F(PassportOpenBao, DeletesTheVersionThatItsOwnerNamesAndNoOther) {
  const base::GuestId guest = worker(0);
  OpenBaoClient own = client(guest);
  for (const std::uint32_t version : {1U, 2U}) passport_key(own, passport_path("cvm", guest, "volumes/old", version));
  Place place{"openbao", "there", "acme", "cvm", "", {}, {}};
  server_->run(passport_deletion(place, guest, "old", 1) + "\n");
  EXPECT_FALSE(passport_key_if_any(own, passport_path("cvm", guest, "volumes/old", 1)).has_value());
  EXPECT_TRUE(passport_key_if_any(own, passport_path("cvm", guest, "volumes/old", 2)).has_value());
  server_->run(passport_deletion(place, guest, "old", 2) + "\n" + passport_deletion(place, guest, "old", 2) + "\n");
  EXPECT_FALSE(passport_key_if_any(own, passport_path("cvm", guest, "volumes/old", 2)).has_value());
}

TEST_F(PassportOpenBao, RefusesTheCertificateOfAnotherTenantGuestOrTime) {
  const Key key = new_key();
  const base::GuestId guest = worker(0);
  expect_no_login(client(guest, rival));
  expect_no_login(client(guest, acme.issue(key, request("guest", uri_of(worker(1)))), key));
  expect_no_login(client(guest, acme.issue(key, request("acme worker/0", "spiffe://acme")), key));
  auto expired = request("guest", uri_of(guest));
  expired.not_after = now() - 60;
  expect_no_login(client(guest, acme.issue(key, expired), key));
  // Under the CA's own key, but not for clients.
  auto server = request("acme worker/0");
  server.dns_names = {"worker-0"};
  expect_no_login(
      client(guest, base::make_server_certificate(base::KeySigner(acme.key), acme.ca, key.public_key(), server), key));
  // At a rival's, under the role of the same name.
  expect_no_login(client(worker(0, "rival"), acme.issue(key, request("guest", uri_of(guest))), key));
}

TEST_F(PassportOpenBao, GivesATokenForAMinuteOnly) {
  OpenBaoClient guest = client(worker(0));
  const Json login =
      guest.granted("POST", "auth/cvm/cert/login", Json::Object{{"name", "worker-0"}}, OpenBaoEffect::idempotent);
  EXPECT_EQ(parse_openbao_login(login).seconds, 60);
  EXPECT_THAT(login.at("auth").at("policies").array(), testing::ElementsAre(Json("bulkhead-acme-worker-0")));
}

TEST_F(PassportOpenBao, GivesNothingMoreOnceItsOwnerTookTheRoleAway) {
  const base::GuestId guest = worker(1);
  key_of(guest, "volumes/data");
  const Json role = server_->call("GET", "auth/cvm/cert/certs/worker-1", "acme", Json::Object{}).at("data");
  server_->call("DELETE", "auth/cvm/cert/certs/worker-1", "acme", Json::Object{});
  expect_no_login(client(guest));
  server_->call("POST", "auth/cvm/cert/certs/worker-1", "acme", role);
  key_of(guest, "volumes/data");
}

TEST_F(PassportOpenBao, HasNoOtherKeyInPlaceOfOneThatItsOwnerDeleted) {
  key_of(worker(0), "volumes/gone");
  server_->call("DELETE", passport_path("cvm", worker(0), "volumes/gone"), "acme", Json::Object{});
  EXPECT_THAT([&] { key_of(worker(0), "volumes/gone"); },
              ThrowsMessage<base::Error>(HasSubstr("somebody deleted the key")));
}

TEST_F(PassportOpenBao, SaysThatItIsDownAndHasTheKeyAfterwards) {
  const base::Buffer before = key_of(worker(0), "volumes/data");
  OpenBaoClient waiting = client(worker(0));
  server_->kill();
  EXPECT_THAT([&] { passport_key(waiting, passport_path("cvm", worker(0), "volumes/data")); },
              ThrowsMessage<ProviderError>(HasSubstr("(a retry is safe)")));
  server_->start_again();
  EXPECT_EQ(base::buffer_of(passport_key(waiting, passport_path("cvm", worker(0), "volumes/data")).view()), before);
}

}  // namespace
}  // namespace kms
