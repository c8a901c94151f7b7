#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "attestation/admin_client.h"
#include "attestation/wire/volume_keys.h"
#include "base/posix_child.h"
#include "base/posix_files.h"
#include "service_fixture.h"
#include "tests/temporary_folder.h"

// The program itself, killed and started again.

namespace {

using namespace fake;
using testing::HasSubstr;

constexpr const char* worker_secret = "resource/bulkhead/bootstrap/worker-0";

std::int64_t today() {
  return static_cast<std::int64_t>(::time(nullptr));
}

/// bulkhead-attestd on a loopback address of this process, with its keys in a state directory.
class Daemon : public testing::Test {
 protected:
  Daemon() {
    const std::string ca_text = base::make_ca_certificate(ca_key, {"acme CA", {}, {}, today() - 60, today() + 3600});
    const PrivateKey tls = PrivateKey::generate(PrivateKey::Type::p256);
    base::Json bundle = base::Json::Object{
        {"schema", "bulkhead.service-bundle/v1"},
        {"tenant", "acme"},
        {"tlsKey", text(tls.pem())},
        {"tlsCertificate", base::make_server_certificate(ca_key, ca_text, tls.public_key(),
                                                         {"acme", {}, {address}, today() - 60, today() + 3600})},
        {"tokenKey", text(PrivateKey::generate(PrivateKey::Type::p256).pem())},
        {"storageKey", base::base64(base::random_secret(32).view())}};
    base::write_file_atomically(file("bundle.json"), bundle.compact(), 0600);
    const base::Json config =
        base::Json::Object{{"approvalKeys", base::Json::Array{owner.public_key().pem()}}, {"ca", ca_text}};
    base::write_file_atomically(file("config.json"), config.compact(), 0600);
    ca = ca_text;
  }

  [[nodiscard]] std::string file(const std::string& name) const { return folder.file(name); }
  static std::string text(const base::Secret& secret) { return base::text_of(secret.view()); }
  void kill() { process.reset(); }
  [[nodiscard]] std::vector<std::string> command() const {
    return {BULKHEAD_ATTESTD, "--tenant",         "acme",   "--state",   folder.path(), "--listen", address + ":8443",
            "--admin",        file("admin.sock"), "--lock", file("lock")};
  }
  /// Starts the program and waits until its administrator is answered.
  void start() {
    const base::ChildStreams streams;
    process.emplace(command(), streams);
    for (unsigned i = 0; i < 3000; ++i) {
      try {
        admin->state();
        return;
      } catch (const base::Error&) {
        ASSERT_EQ(process->ended_within(std::chrono::milliseconds(10)), std::nullopt) << "it ended";
      }
    }
    FAIL() << "nobody answers at the socket";
  }
  void approve_and_enrol() {
    ApprovedGuest approved = worker.approved();
    approved.volumes = {"data"};
    base::Envelope envelope = approval_envelope({"acme", "emulated", {}, std::nullopt, {std::move(approved)}});
    base::sign_envelope(envelope, base::KeySigner(owner));
    admin->put_approval(envelope.json().compact());
    admin->enrol("worker/0", worker.public_key());
  }
  [[nodiscard]] std::unique_ptr<wire::HttpClient> client() const {
    return wire::make_https_client("https://" + address + ":8443", ca, 10);
  }
  std::string secret() { return base::hex(wire::fetch_resource(*client(), worker, worker_secret).view()); }
  /// What the guest is sent for its volume.
  std::string volume() {
    const auto keys = wire::parse_volume_keys(
        wire::fetch_resource(*client(), worker, "resource/bulkhead/volume/worker-0-data").view());
    return (keys.may_format ? "may format " : "opens ") + base::hex(keys.versions.at(0).view());
  }
  [[nodiscard]] std::string log() const { return base::read_file(file("audit.jsonl")); }

  tests::TemporaryFolder folder;
  /// One of 62500 loopback addresses, so that programs side by side have their own.
  std::string address = "127.77." + std::to_string(getpid() / 250 % 250) + "." + std::to_string(getpid() % 250 + 1);
  PrivateKey ca_key = PrivateKey::generate(PrivateKey::Type::p256);
  PrivateKey owner = PrivateKey::generate(PrivateKey::Type::ed25519);
  std::string ca;
  Guest worker{"worker/0"};
  std::unique_ptr<AdminClient> admin;
  std::optional<base::Child> process;

  void SetUp() override { admin = make_admin_client(file("admin.sock")); }
};

TEST_F(Daemon, KilledAtAnyStepOfAnExchangeServesTheGuestThatAsksAgain) {
  start();
  approve_and_enrol();
  const std::string first = secret();
  for (unsigned steps = 0; steps < 3; ++steps) {
    const auto interrupted = client();
    const base::EcdhKey key;
    if (steps > 0) {
      const auto challenge = interrupted->post("/kbs/v0/auth", wire::AuthRequest{}.text());
      const wire::RuntimeData runtime{wire::Challenge::parse(challenge.body).nonce, key.point()};
      const wire::TpmEvidence evidence = worker.evidence(wire::tpm_report_data(wire::runtime_data_digest(runtime, "")));
      const wire::AttestRequest attestation{worker.init_data(), runtime, evidence.json(), ""};
      if (steps > 1) {
        EXPECT_EQ(interrupted->post("/kbs/v0/attest", attestation.text()).status, 200U);
      }
    }
    kill();
    EXPECT_THROW(interrupted->get(std::string("/kbs/v0/") + worker_secret), base::Error);
    start();
    EXPECT_EQ(secret(), first) << "after " << steps << " steps";
  }
  const ServiceState state = admin->state();
  ASSERT_EQ(state.guests.size(), 1U);
  EXPECT_EQ(state.guests[0].lease->boot, 1) << "one life, however often the service was killed";
  EXPECT_EQ(verify_audit_log(log()), std::nullopt);
}

TEST_F(Daemon, RemovesTheHalfLineThatAKillLeftAndSaysSo) {
  start();
  approve_and_enrol();
  kill();
  const std::string whole = log();
  base::write_file_atomically(file("audit.jsonl"), whole + "{\"event\":\"attes", 0600);
  start();
  EXPECT_EQ(log().substr(0, whole.size()), whole);
  EXPECT_THAT(log(), HasSubstr("\"event\":\"cut-off line removed\""));
  EXPECT_EQ(verify_audit_log(log()), std::nullopt);
  EXPECT_EQ(secret().size(), 64U);
}

TEST_F(Daemon, DoesNotStartOnALogThatSomebodyChanged) {
  start();
  approve_and_enrol();
  secret();
  kill();
  std::string changed = log();
  changed.replace(changed.find("worker/0"), 8, "worker/1");
  base::write_file_atomically(file("audit.jsonl"), changed, 0600);
  process.emplace(command(), base::ChildStreams{});
  EXPECT_EQ(process->ended_within(std::chrono::seconds(30)), 1);
}

TEST_F(Daemon, KeepsKeysAndWhatBecameOfThemWhenKilled) {
  start();
  approve_and_enrol();
  const std::string key = volume();
  EXPECT_THAT(key, testing::StartsWith("may format "));
  wire::AttestedSession(*client(), worker).note_formatted("worker-0-data");
  kill();
  start();
  EXPECT_EQ(volume(), "opens " + key.substr(std::string("may format ").size()));
  EXPECT_THAT(log(), testing::Not(HasSubstr(key.substr(key.rfind(' ') + 1))));
  struct stat file{};
  ASSERT_EQ(::stat(this->file("keys.sqlite").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
}

TEST_F(Daemon, DoesNotOpenItsKeysWithAnotherBundle) {
  start();
  approve_and_enrol();
  secret();
  kill();
  base::Json bundle = base::Json::parse(base::read_file(file("bundle.json")), "bundle");
  bundle["storageKey"] = base::base64(base::random_secret(32).view());
  base::write_file_atomically(file("bundle.json"), bundle.compact(), 0600);
  process.emplace(command(), base::ChildStreams{});
  EXPECT_EQ(process->ended_within(std::chrono::seconds(30)), 1);
}

TEST_F(Daemon, DestroysItsKeysAndNamesThem) {
  start();
  approve_and_enrol();
  secret();
  volume();
  EXPECT_THAT(admin->shred_keys(), testing::ElementsAre("bootstrap/worker/0", "worker/0/data"));
  EXPECT_THROW(secret(), base::Error);
  EXPECT_THAT(log(), HasSubstr("keys destroyed"));
}

TEST_F(Daemon, KeepsRevocationsWhenKilled) {
  start();
  approve_and_enrol();
  admin->put_revocation({Revocation::Kind::guest, "worker/0", "leaked", 0});
  kill();
  start();
  ASSERT_EQ(admin->state().revocations.size(), 1U);
  EXPECT_EQ(admin->state().revocations[0].reason, "leaked");
  EXPECT_THROW(secret(), base::Error);
  admin->lift_revocation({Revocation::Kind::guest, "worker/0", "", 0});
  EXPECT_EQ(secret().size(), 64U);
}

TEST_F(Daemon, ReadsCollateralAnewWhenToldAndKeepsTheOldWhenTheNewIsBroken) {
  const auto put = [&](const std::string& name, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(file(name)).parent_path());
    base::write_file_atomically(file(name), content, 0644);
  };
  start();
  EXPECT_TRUE(admin->state().collateral.empty());
  put("collateral/vcek/aabb/issuer.pem", ca);
  EXPECT_TRUE(admin->state().collateral.empty()) << "nothing is read unasked";
  admin->reload_collateral();
  EXPECT_EQ(admin->state().collateral.size(), 1U);
  put("collateral/tdx/broken.json", "{");
  EXPECT_THROW(admin->reload_collateral(), base::Error);
  EXPECT_EQ(admin->state().collateral.size(), 1U);
  EXPECT_THAT(log(), HasSubstr("collateral/tdx/broken.json"));
  EXPECT_EQ(verify_audit_log(log()), std::nullopt);
}

}  // namespace
