#pragma once
#include <gmock/gmock.h>

#include "attestation/service.h"
#include "base/error.h"
#include "fake_guest.h"
#include "kms/passport_records.h"
#include "tests/fakes/fake_key_provider.h"

/// One tenant's service with an owner and two guests, for tests of the service and of the sockets before it.
namespace fake {

using namespace attestation;
using base::PrivateKey;

inline constexpr std::int64_t start_ms = 1'800'000'000'000;

/// A client that hands requests straight to the service and keeps its cookie.
class DirectClient final : public wire::HttpClient {
 public:
  explicit DirectClient(Service& service) : service_(service) {}
  wire::HttpResponse post(std::string_view path, std::string_view json) override {
    return sent("POST", std::string(path), std::string(json));
  }
  wire::HttpResponse get(std::string_view path) override { return sent("GET", std::string(path), ""); }
  std::string session;

 private:
  wire::HttpResponse sent(const char* method, std::string path, std::string body) {
    const Response response =
        service_.answer_guest({method, std::move(path), session, "", std::move(body), "10.0.0.2"});
    if (!response.session.empty()) session = response.session;
    return {response.status, response.body};
  }
  Service& service_;
};

/// Where guests of the passport model ask for their keys themselves.
inline kms::Place passport_place() {
  kms::Place place{"openbao", "10.0.0.5:8200", "acme", "cvm", "", {}, {}};
  place.model = kms::Model::passport;
  return place;
}

/// One tenant: an owner, a CA, a service and two guests that are approved and enrolled.
class TenantService {
 public:
  explicit TenantService(std::string name = "acme", std::string address = "https://10.20.255.1:8443",
                         VendorCollateral vendors = {}, std::optional<kms::Place> passport = {},
                         kms::Credential* key_credential = nullptr)
      : tenant(std::move(name)),
        url(std::move(address)),
        collateral(std::move(vendors)),
        passport_to(std::move(passport)),
        credential(key_credential) {
    approve({worker.approved(), control.approved()});
    enrol(worker.name(), worker.public_key());
    enrol(control.name(), control.public_key());
  }

  void approve(std::vector<ApprovedGuest> guests) {
    EXPECT_EQ(put("/v1/approval", envelope({tenant, "emulated", {}, std::nullopt, std::move(guests)})).status, 200U);
  }
  std::string envelope(const Approval& approval) {
    base::Envelope made = approval_envelope(approval);
    base::sign_envelope(made, base::KeySigner(owner));
    return made.json().compact();
  }
  Response put(const std::string& path, const std::string& body) {
    return service.answer_admin({"PUT", path, "", "", body, "admin"});
  }
  void enrol(std::string guest, const base::Buffer& key) {
    guest[guest.find('/')] = '-';
    const std::string body = base::Json(base::Json::Object{{"akPublic", base::base64(key)}}).compact();
    EXPECT_EQ(put("/v1/guests/" + guest + "/key", body).status, 200U);
  }
  /// The guest's secret, or why it was refused.
  std::string outcome(Guest& guest, const std::string& of = "worker-0") {
    DirectClient client(service);
    try {
      const base::Secret secret = wire::fetch_resource(client, guest, "resource/bulkhead/bootstrap/" + of);
      return base::hex(secret.view());
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::not_attested) << error.what();
      return reasons_behind(error.what());
    }
  }
  /// The reasons in the audit log for a refusal of which the client learns only the entry; else the text itself.
  std::string reasons_behind(const std::string& told) {
    const std::size_t at = told.find("entry ");
    if (at == std::string::npos) return told;
    EXPECT_THAT(told, testing::ContainsRegex("(refused|not now); entry [0-9a-f]+ of the service's audit log says why"));
    const std::string entry = "\"entry\":\"" + told.substr(at + 6, 8) + "\"";
    const std::size_t found = log.find(entry);
    EXPECT_NE(found, std::string::npos) << told;
    const std::size_t start = log.rfind('\n', found) + 1;
    const base::Json line = base::Json::parse(log.substr(start, log.find('\n', found) - start), "entry");
    if (const base::Json* const only = line.find("reason")) return line.at("event").text() + ": " + only->text();
    std::string reasons;
    for (const base::Json& reason : line.at("reasons").array()) reasons += reason.text() + "\n";
    return reasons;
  }
  const GuestState& state_of(const std::string& guest) {
    state = service.state();
    for (const GuestState& one : state.guests) {
      if (one.guest == guest) return one;
    }
    throw std::runtime_error("no such guest");
  }

  GuestCa made_guest_ca() {
    const std::int64_t day = start_ms / 1000;
    const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
    tenant_ca = base::make_ca_certificate(base::KeySigner(ca_key), {tenant + " CA", {}, {}, day - 3600, day + 36000});
    return {key, base::make_peer_ca_certificate(base::KeySigner(ca_key), tenant_ca, key.public_key(),
                                                {tenant + " guests", {}, {}, day - 3600, day + 36000})};
  }
  Response asked(const std::string& method, const std::string& path, const std::string& body) {
    return service.answer_admin({method, path, "", "", body, "admin"});
  }
  static std::string revocation(const std::string& kind, const std::string& value) {
    return R"({"kind":")" + kind + R"(","value":")" + value + R"("})";
  }

  std::unique_ptr<kms::KeyMaterial> material() {
    if (passport_to) return kms::make_material_of_guests(passport_to->text());
    return std::make_unique<fakes::FakeKeyMaterial>(key_provider);
  }

  std::string tenant, url;
  VendorCollateral collateral;
  std::optional<kms::Place> passport_to;
  kms::Credential* credential;  ///< of the key store; outlives this
  std::function<VendorCollateral()> read_collateral = [this] { return collateral; };  ///< when the service asks anew
  PrivateKey ca_key = PrivateKey::generate(PrivateKey::Type::p256);
  std::string tenant_ca;
  PrivateKey owner = PrivateKey::generate(PrivateKey::Type::ed25519);
  PrivateKey token_key = PrivateKey::generate(PrivateKey::Type::p256);
  std::unique_ptr<Store> store = open_sqlite_store(":memory:");
  std::string log;
  bool audit_broken = false;
  AuditLog audit{{}, [this](const std::string& line) {
                   if (audit_broken) throw base::Error(base::Kind::failure, "disk full");
                   log += line + "\n";
                 }};
  std::int64_t now = start_ms;
  std::string stored_approval;
  std::vector<base::TarMember> state_files;
  fakes::KeyProvider key_provider;
  kms::KeyStore key_store{{tenant}, std::make_unique<fakes::FakeKeyRecords>(key_provider), material()};
  Service service{{tenant,
                   {owner.public_key()},
                   {token_key, url, ""},
                   base::random_secret(32),
                   base::random_secret(32),
                   *store,
                   key_store,
                   audit,
                   [this] { return now; },
                   [this](const std::string& text) { stored_approval = text; },
                   made_guest_ca(),
                   collateral,
                   [this] { return read_collateral(); },
                   [this] { return state_files; },
                   tenant_ca,
                   {},
                   {},
                   {},
                   passport_to,
                   credential}};
  Guest worker{"worker/0"};
  Guest control{"control/0"};
  ServiceState state;
};

class ServiceTest : public testing::Test, protected TenantService {};

}  // namespace fake
