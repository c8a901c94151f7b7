#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "attestation/admin_client.h"
#include "attestation/server.h"
#include "attestation/service.h"
#include "attestation/wire/jwe.h"
#include "base/certificate.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "fake_guest.h"

namespace {

using namespace attestation;
using base::PrivateKey;
using testing::HasSubstr;

constexpr std::int64_t start_ms = 1'800'000'000'000;

class GuestSide final : public RequestHandler {
 public:
  explicit GuestSide(Service& service) : service_(service) {}
  Response handle(const Request& request) override { return service_.answer_guest(request); }

 private:
  Service& service_;
};
class AdminSide final : public RequestHandler {
 public:
  explicit AdminSide(Service& service) : service_(service) {}
  Response handle(const Request& request) override { return service_.answer_admin(request); }

 private:
  Service& service_;
};

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

/// One tenant: an owner, a CA, a service and two guests that are approved and enrolled.
class ServiceTest : public testing::Test {
 protected:
  ServiceTest() {
    approve({worker.approved(), control.approved()});
    enrol(worker.name(), worker.public_key());
    enrol(control.name(), control.public_key());
  }

  void approve(std::vector<ApprovedGuest> guests) {
    EXPECT_EQ(put("/v1/approval", envelope({"acme", "emulated", {}, std::nullopt, std::move(guests)})).status, 200U);
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
  std::string outcome(fake::Guest& guest, const std::string& of = "worker-0") {
    DirectClient client(service);
    try {
      const base::Secret secret = wire::fetch_resource(client, guest, "resource/bulkhead/bootstrap/" + of);
      return base::hex(secret.view());
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::not_attested);
      return error.what();
    }
  }
  const GuestState& state_of(const std::string& guest) {
    state = service.state();
    for (const GuestState& one : state.guests) {
      if (one.guest == guest) return one;
    }
    throw std::runtime_error("no such guest");
  }

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
  Service service{{"acme",
                   {owner.public_key()},
                   token_key,
                   base::random_secret(32),
                   *store,
                   audit,
                   [this] { return now; },
                   [this](const std::string& text) { stored_approval = text; }}};
  fake::Guest worker{"worker/0"};
  fake::Guest control{"control/0"};
  ServiceState state;
};

TEST_F(ServiceTest, ReleasesTheSameSecretToTheApprovedGuestEachTime) {
  const std::string secret = outcome(worker);
  EXPECT_EQ(secret.size(), 64U) << secret;
  EXPECT_EQ(outcome(worker), secret);
  EXPECT_NE(outcome(control, "control-0"), secret);
  ASSERT_TRUE(state_of("worker/0").verdict);
  EXPECT_TRUE(state_of("worker/0").verdict->attested);
  EXPECT_EQ(state_of("worker/0").verdict->time_ms, start_ms);
  EXPECT_EQ(verify_audit_log(log), std::nullopt);
  EXPECT_EQ(log.find(secret), std::string::npos);
}

TEST_F(ServiceTest, RefusesAnotherGuestsSecret) {
  EXPECT_THAT(outcome(control, "worker-0"), HasSubstr("the bootstrap secret of worker/0 is not for control/0"));
}

TEST_F(ServiceTest, RefusesAKeyThatIsNotEnrolled) {
  fake::Guest stranger{"worker/0"};
  EXPECT_THAT(outcome(stranger), HasSubstr("attestation key not enrolled"));
  EXPECT_THAT(log, HasSubstr("attestation key not enrolled"));
}

TEST_F(ServiceTest, RefusesAStrangerThatClaimsAGuestsKeyAndName) {
  fake::Guest stranger{"worker/0"};
  stranger.claimed_key = worker.public_key();
  outcome(worker);
  EXPECT_THAT(outcome(stranger), HasSubstr("signature does not verify"));
  EXPECT_TRUE(state_of("worker/0").verdict->attested) << "a stranger must not spoil the guest's verdict";
}

TEST_F(ServiceTest, RefusesAGuestThatClaimsAnothersName) {
  control.claimed = "worker/0";
  EXPECT_THAT(outcome(control), HasSubstr("attestation key enrolled for another guest"));
}

TEST_F(ServiceTest, RefusesARevokedKey) {
  EXPECT_EQ(service.answer_admin({"DELETE", "/v1/guests/worker-0/key", "", "", "", "admin"}).status, 200U);
  EXPECT_THAT(outcome(worker), HasSubstr("attestation key not enrolled"));
}

TEST_F(ServiceTest, NamesTheFirstEventThatDiffers) {
  worker.events[2].data = "another kernel";
  const std::string reason = outcome(worker);
  EXPECT_THAT(reason, HasSubstr("sha256 PCR 4: wanted "));
  EXPECT_THAT(reason, HasSubstr("sha384 PCR 4: wanted "));
  EXPECT_THAT(reason, HasSubstr("kernel"));
  EXPECT_FALSE(state_of("worker/0").verdict->attested);
}

TEST_F(ServiceTest, RefusesInitdataThatIsNotTheApprovedOne) {
  worker.document = worker.extended = "other initdata";
  EXPECT_THAT(outcome(worker), HasSubstr("initdata: wanted SHA-256 "));
}

TEST_F(ServiceTest, RefusesInitdataThatTheGuestDidNotExtend) {
  worker.extended = "other initdata";
  EXPECT_THAT(outcome(worker), HasSubstr("sha256 PCR 8: wanted "));
}

TEST_F(ServiceTest, RefusesPcrValuesThatWereNotQuoted) {
  worker.swap_pcr = true;
  EXPECT_THAT(outcome(worker), HasSubstr("the PCR values sent are not the ones quoted"));
}

TEST_F(ServiceTest, RefusesALogThatDoesNotReplay) {
  worker.events[0].data = "firmware";
  const auto maker_log = [&](const wire::TpmEvidence& evidence) { return evidence.bulkhead->event_log; };
  fake::Guest other{"worker/0"};
  other.events.erase(other.events.begin());
  DirectClient client(service);
  const std::string nonce = wire::Challenge::parse(client.post("/kbs/v0/auth", wire::AuthRequest{}.text()).body).nonce;
  const base::EcdhKey key;
  const wire::RuntimeData runtime{nonce, key.point()};
  wire::TpmEvidence evidence = worker.evidence(wire::tpm_report_data(wire::runtime_data_digest(runtime, "")));
  evidence.bulkhead->event_log = maker_log(other.evidence(base::Buffer(32)));
  const auto answer =
      client.post("/kbs/v0/attest", wire::AttestRequest{worker.init_data(), runtime, evidence.json(), ""}.text());
  EXPECT_EQ(answer.status, 401U);
  EXPECT_THAT(answer.body, HasSubstr("event log: replays to sha256 PCR 0 "));
}

TEST_F(ServiceTest, RefusesASecondAttestationInOneSessionAndAForeignNonce) {
  DirectClient client(service);
  const auto attest_with = [&](const std::string& nonce) {
    const wire::RuntimeData runtime{nonce, base::EcdhKey().point()};
    const wire::TpmEvidence evidence = worker.evidence(wire::tpm_report_data(wire::runtime_data_digest(runtime, "")));
    return client.post("/kbs/v0/attest", wire::AttestRequest{worker.init_data(), runtime, evidence.json(), ""}.text());
  };
  const auto challenged = [&] {
    return wire::Challenge::parse(client.post("/kbs/v0/auth", wire::AuthRequest{}.text()).body).nonce;
  };
  const std::string first = challenged();
  EXPECT_EQ(attest_with(first).status, 200U);
  EXPECT_THAT(attest_with(first).body, HasSubstr("nonce unknown or used"));
  challenged();
  EXPECT_THAT(attest_with(first).body, HasSubstr("nonce unknown or used"));
  const std::string late = challenged();
  now += 5 * 60 * 1000;
  EXPECT_THAT(attest_with(late).body, HasSubstr("session unknown or expired"));
}

TEST_F(ServiceTest, RefusesResourcesWithoutOrAfterAToken) {
  DirectClient client(service);
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 401U);
  wire::fetch_resource(client, worker, "resource/bulkhead/bootstrap/worker-0");
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 200U);
  EXPECT_EQ(client.get("/kbs/v0/resource/other/x/y").status, 404U);
  EXPECT_EQ(client.get("/elsewhere").status, 404U);
  now += 300 * 1000;
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 401U);
}

TEST_F(ServiceTest, RefusesOtherVersionsAndTees) {
  DirectClient client(service);
  EXPECT_THAT(client.post("/kbs/v0/auth", R"({"version":"0.3.0","tee":"tpm"})").body, HasSubstr("wanted 0.4.0"));
  EXPECT_THAT(client.post("/kbs/v0/auth", R"({"version":"0.4.0","tee":"sample"})").body, HasSubstr("wanted 'tpm'"));
  EXPECT_EQ(client.post("/kbs/v0/auth", "{").status, 401U);
}

TEST_F(ServiceTest, AnswersAndRecordsBytesThatAreNotText) {
  DirectClient client(service);
  EXPECT_EQ(client.get("/kbs/v0/resource/\xff\n").status, 401U);
  EXPECT_THAT(log, HasSubstr("/kbs/v0/resource/\\\\xff\\\\x0a"));
  EXPECT_EQ(service.answer_admin({"DELETE", "/\xff", "", "", "", ""}).status, 404U);
}

TEST_F(ServiceTest, ReleasesNothingWhenTheAuditLogCannotBeWritten) {
  audit_broken = true;
  EXPECT_THAT(outcome(worker), HasSubstr("the service failed"));
  audit_broken = false;
  EXPECT_EQ(outcome(worker).size(), 64U);
}

TEST_F(ServiceTest, LimitsRequestsOfOneSource) {
  DirectClient client(service);
  unsigned status = 200;
  for (unsigned i = 0; i < 61; ++i) status = client.get("/elsewhere").status;
  EXPECT_EQ(status, 429U);
  now += 1000;
  EXPECT_EQ(client.get("/elsewhere").status, 404U);
}

TEST_F(ServiceTest, LoadsOnlyApprovalsThatEveryOwnerOfThisTenantSigned) {
  const Approval foreign{"zeta", "emulated", {}, std::nullopt, {}};
  EXPECT_THAT(put("/v1/approval", envelope(foreign)).body, HasSubstr("wanted tenant 'acme', got 'zeta'"));
  const std::string unsigned_text = approval_envelope({"acme", "emulated", {}, std::nullopt, {}}).json().compact();
  EXPECT_THAT(put("/v1/approval", unsigned_text).body, HasSubstr(owner.public_key().fingerprint().hex()));
  const Approval expired{"acme", "emulated", {}, start_ms / 1000 - 1, {}};
  EXPECT_THAT(put("/v1/approval", envelope(expired)).body, HasSubstr("expired"));
  EXPECT_EQ(outcome(worker).size(), 64U) << "the earlier approval stays in force";
}

TEST_F(ServiceTest, RefusesEmulatedEvidenceForAnotherTee) {
  EXPECT_EQ(put("/v1/approval", envelope({"acme", "snp", {}, std::nullopt, {worker.approved()}})).status, 200U);
  EXPECT_THAT(outcome(worker), HasSubstr("the approval is for tee snp, the evidence is emulated"));
}

TEST_F(ServiceTest, RefusesMalformedAdministration) {
  const struct {
    const char *path, *body;
    unsigned status;
    const char* text;
  } cases[] = {
      {"/v1/guests/worker-1/key", "{}", 400, "akPublic: missing"},
      {"/v1/guests/worker-1/key", R"({"akPublic":"AAAA"})", 400, "akPublic"},
      {"/v1/guests/worker-x/key", "{}", 404, "no such path"},
      {"/v1/guests/key", "{}", 404, "no such path"},
      {"/v1/approval", "{}", 400, "payloadType"},
      {"/v1/other", "{}", 404, "no such path"},
  };
  for (const auto& c : cases) {
    const Response response = put(c.path, c.body);
    EXPECT_EQ(response.status, c.status) << c.path;
    EXPECT_THAT(response.body, HasSubstr(c.text));
  }
  const std::string taken = base::Json(base::Json::Object{{"akPublic", base::base64(worker.public_key())}}).compact();
  EXPECT_EQ(put("/v1/guests/worker-1/key", taken).status, 409U);
}

/// The same service behind its sockets.
class ServerTest : public ServiceTest {
 protected:
  ServerTest() : directory(std::filesystem::temp_directory_path() / ("attest" + std::to_string(getpid()))) {
    std::filesystem::create_directory(directory);
    const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
    const std::int64_t today = static_cast<std::int64_t>(time(nullptr));
    ca = base::make_ca_certificate(ca_key, {"acme CA", {}, {}, today - 60, today + 3600});
    ServerOptions options;
    options.address = "127.0.0.1";
    options.tls_key = key.pem();
    options.tls_certificate = base::make_server_certificate(ca_key, ca, key.public_key(),
                                                            {"acme", {}, {"127.0.0.1"}, today - 60, today + 3600});
    options.admin_socket = directory / "admin.sock";
    server = make_server(std::move(options), guests, administrator);
    thread = std::thread([this] { server->run(); });
  }
  ~ServerTest() override {
    server->stop();
    thread.join();
    std::filesystem::remove_all(directory);
  }
  std::string url() const { return "https://127.0.0.1:" + std::to_string(server->port()); }

  std::filesystem::path directory;
  PrivateKey ca_key = PrivateKey::generate(PrivateKey::Type::p256);
  std::string ca;
  GuestSide guests{service};
  AdminSide administrator{service};
  std::unique_ptr<Server> server;
  std::thread thread;
};

TEST_F(ServerTest, ServesAGuestOverTlsAndItsAdministratorOverTheSocket) {
  const auto client = wire::make_https_client(url(), ca, 10);
  EXPECT_EQ(wire::fetch_resource(*client, worker, "resource/bulkhead/bootstrap/worker-0").size(), 32U);
  const auto admin = make_admin_client(directory / "admin.sock");
  const ServiceState seen = admin->state();
  EXPECT_EQ(seen.tenant, "acme");
  ASSERT_EQ(seen.guests.size(), 2U);
  EXPECT_EQ(seen.guests[1].ak_sha256, base::sha256(worker.public_key()).hex());
  EXPECT_TRUE(seen.guests[1].verdict->attested);
  admin->revoke("worker/0");
  EXPECT_THROW(wire::fetch_resource(*client, worker, "resource/bulkhead/bootstrap/worker-0"), base::Error);
  admin->enrol("worker/0", worker.public_key());
  EXPECT_EQ(wire::fetch_resource(*client, worker, "resource/bulkhead/bootstrap/worker-0").size(), 32U);
  EXPECT_THROW(admin->enrol("worker/1", worker.public_key()), base::Error);
}

TEST_F(ServerTest, IsRefusedByAClientThatPinsAnotherCa) {
  const std::int64_t today = static_cast<std::int64_t>(time(nullptr));
  const std::string foreign = base::make_ca_certificate(PrivateKey::generate(PrivateKey::Type::p256),
                                                        {"zeta CA", {}, {}, today - 60, today + 3600});
  const auto client = wire::make_https_client(url(), foreign, 10);
  try {
    client->get("/kbs/v0/auth");
    ADD_FAILURE() << "a foreign CA was accepted";
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::host);
    EXPECT_THAT(error.what(), HasSubstr("certificate verify failed"));
  }
}

}  // namespace
