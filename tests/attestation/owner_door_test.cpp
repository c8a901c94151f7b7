#include <thread>

#include "attestation/admin_client.h"
#include "attestation/owner_name.h"
#include "attestation/server.h"
#include "base/certificate.h"
#include "tests/attestation/service_fixture.h"
#include "tests/temporary_folder.h"

// The tenant's owners, who administer the service at the address that guests use.

namespace {

using namespace fake;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;
using wire::ClientIdentity;

std::int64_t today() {
  return static_cast<std::int64_t>(::time(nullptr));
}

class Side final : public RequestHandler {
 public:
  using Begin = Answer (Service::*)(const Request&);
  Side(Service& service, Begin begin) : service_(service), begin_(begin) {}
  Answer handle(const Request& request) override { return (service_.*begin_)(request); }

 private:
  Service& service_;
  Begin begin_;
};

/// A CA and who it certifies.
struct Ca {
  PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
  std::string certificate =
      base::make_ca_certificate(base::KeySigner(key), {"a CA", {}, {}, today() - 60, today() + 3600});

  [[nodiscard]] ClientIdentity identity(std::vector<std::string> uris, std::vector<std::string> names = {}) const {
    const PrivateKey own = PrivateKey::generate(PrivateKey::Type::p256);
    return {base::make_peer_certificate(base::KeySigner(key), certificate, own.public_key(),
                                        {"alice", std::move(names), {}, today() - 60, today() + 3600, std::move(uris)}),
            own.pem()};
  }
  [[nodiscard]] ClientIdentity owner() const { return identity({owner_uri("acme", "alice")}); }
};

/// acme's service behind its sockets, with two guests that are approved and enrolled.
class OwnerDoor : public testing::Test {
 protected:
  OwnerDoor() {
    const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
    ServerOptions options;
    options.address = "127.0.0.1";
    options.tls_key = key.pem();
    options.tls_certificate = base::make_server_certificate(base::KeySigner(ca_.key), ca_.certificate, key.public_key(),
                                                            {"acme", {}, {"127.0.0.1"}, today() - 60, today() + 3600});
    options.client_ca = ca_.certificate;
    options.admin_socket = folder_.file("admin.sock");
    server_ = make_server(std::move(options), guests_, administrator_);
    thread_ = std::thread([this] { server_->run(); });
  }
  ~OwnerDoor() override {
    server_->stop();
    thread_.join();
  }
  [[nodiscard]] std::string url() const { return "https://127.0.0.1:" + std::to_string(server_->port()); }
  [[nodiscard]] std::unique_ptr<AdminClient> client(const ClientIdentity& identity) const {
    return make_owner_client(url(), ca_.certificate, identity);
  }

  tests::TemporaryFolder folder_;
  Ca ca_;
  TenantService acme_;
  Side guests_{acme_.service, &Service::begin_guest}, administrator_{acme_.service, &Service::begin_admin};
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

TEST_F(OwnerDoor, LetsAnOwnerDoWhatTheAdministratorMayAndNamesHer) {
  const auto alice = client(ca_.owner());
  EXPECT_EQ(alice->state().guests.size(), 2U);
  alice->put_revocation({Revocation::Kind::guest, "worker/0", "leaked", 0});
  EXPECT_THAT(acme_.log, HasSubstr(R"("event":"revoked")"));
  EXPECT_THAT(acme_.log, HasSubstr(R"("owner":"alice")"));
  EXPECT_THAT(acme_.outcome(acme_.worker), HasSubstr("revoked"));
  alice->lift_revocation({Revocation::Kind::guest, "worker/0", "", 0});
  EXPECT_THROW(alice->lift_revocation({Revocation::Kind::guest, "worker/0", "", 0}), base::Error);
}

TEST_F(OwnerDoor, WaitsForAKmsThatIsAskedAboutEachKeyAsTheAdministratorDoes) {
  acme_.key_store.create(kms::KeyName::parse("worker/0/data"), {{"acme"}, base::Pool::worker, 0, {}});
  acme_.key_provider.before_each = [] { std::this_thread::sleep_for(std::chrono::milliseconds(700)); };
  const auto alice = wire::make_owner_https_client(url(), ca_.certificate, ca_.owner(), 1);
  alice->be_patient(std::chrono::seconds(60));
  EXPECT_EQ(alice->send("DELETE", "/v1/keys", "", wire::body_limit, {}).status, 200U) << "to revoke and to erase it";
}

TEST_F(OwnerDoor, NamesNobodyForWhatTheAdministratorDoesAfterwards) {
  client(ca_.owner())->state();
  const std::size_t before = acme_.log.size();
  make_admin_client(folder_.file("admin.sock"))->put_revocation({Revocation::Kind::guest, "worker/0", "leaked", 0});
  EXPECT_THAT(acme_.log.substr(before), Not(HasSubstr("owner")));
}

TEST_F(OwnerDoor, IsNotThereForAnybodyElse) {
  const GuestCa guest_ca = [this] {
    const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
    return GuestCa{key, base::make_peer_ca_certificate(base::KeySigner(ca_.key), ca_.certificate, key.public_key(),
                                                       {"guests", {}, {}, today() - 60, today() + 3600})};
  }();
  const auto of_guest_ca = [&](const std::string& uri) {
    const PrivateKey own = PrivateKey::generate(PrivateKey::Type::p256);
    return ClientIdentity{
        base::make_peer_certificate(base::KeySigner(guest_ca.key), guest_ca.certificate, own.public_key(),
                                    {"guest", {}, {}, today() - 60, today() + 3600, {uri}}) +
            guest_ca.certificate,
        own.pem()};
  };
  const auto expect_nothing = [this](const char* who, const ClientIdentity& identity) {
    const auto ask = [&] { client(identity)->state(); };
    EXPECT_THAT(ask, ThrowsMessage<base::Error>(HasSubstr("HTTP status 404"))) << who;
  };
  expect_nothing("a guest", of_guest_ca(guest_uri("acme", "worker/0")));
  expect_nothing("an owner by the word of the guests' CA, which the operator has",
                 of_guest_ca(owner_uri("acme", "alice")));
  expect_nothing("another tenant's owner", ca_.identity({owner_uri("globex", "alice")}));
  expect_nothing("an owner without a name", ca_.identity({"spiffe://acme/owner/"}));
  expect_nothing("an owner's name with more in it", ca_.identity({"spiffe://acme/owner/alice/worker/0"}));
  expect_nothing("a certificate with two names", ca_.identity({owner_uri("acme", "alice"), owner_uri("acme", "bob")}));
  expect_nothing("a certificate with a host's name too", ca_.identity({owner_uri("acme", "alice")}, {"acme.example"}));
  const auto nobody = wire::make_https_client(url(), ca_.certificate, 10);
  for (const char* path : {"/v1/state", "/metrics"}) EXPECT_EQ(nobody->get(path).status, 404U) << path;
  EXPECT_EQ(wire::fetch_resource(*nobody, acme_.worker, "resource/bulkhead/bootstrap/worker-0").size(), 32U)
      << "a guest shows no certificate";
}

TEST_F(OwnerDoor, BreaksOffWithACertificateThatIsNotUnderTheTenantsCa) {
  const Ca other;
  const auto ask = [&] { client(other.owner())->state(); };
  EXPECT_THAT(ask, ThrowsMessage<base::Error>(HasSubstr(url())));
  EXPECT_EQ(client(ca_.owner())->state().tenant, "acme") << "and serves the next";
}

TEST_F(OwnerDoor, NeedsAnOwnersOwnKey) {
  ClientIdentity stolen = ca_.owner();
  stolen.key = PrivateKey::generate(PrivateKey::Type::p256).pem();
  EXPECT_THROW(static_cast<void>(client(stolen)), base::Error);
}

TEST(OwnerName, IsWhatTheAuditLogMayHold) {
  EXPECT_EQ(owner_of_uri(owner_uri("acme", "alice-2"), "acme"), "alice-2");
  EXPECT_EQ(owner_of_uri(owner_uri("acme", "alice"), "acm"), std::nullopt);
  for (const char* name : {"", "Alice", "a b", "a/b", "a\"b", "\xc3\xa4"}) EXPECT_FALSE(is_owner_name(name)) << name;
  EXPECT_TRUE(is_owner_name(std::string(63, 'a')));
  EXPECT_FALSE(is_owner_name(std::string(64, 'a')));
}

}  // namespace
