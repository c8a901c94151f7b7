#include "attestation/backup.h"

#include "service_fixture.h"

// A service's state in a sealed copy, and what a service that starts from one still believes.

namespace {

using namespace fake;
using testing::HasSubstr;

Backup sample() {
  Backup backup;
  backup.tenant = "acme";
  backup.time_ms = start_ms;
  backup.audit_head = base::sha256(base::bytes_of("head"));
  backup.files = {{"bundle.json", base::TarMember::Type::file, 0600, "secret bundle"},
                  {"collateral/snp/vcek.der", base::TarMember::Type::file, 0600, std::string("\0\n\xff", 3)}};
  return backup;
}

TEST(Backup, IsReadByTheHolderOfItsKeyAlone) {
  const PrivateKey owner = PrivateKey::generate(PrivateKey::Type::p256);
  const base::Buffer sealed = sealed_backup(sample(), owner.public_key());
  EXPECT_THAT(base::text_of(sealed), testing::Not(HasSubstr("secret bundle")));
  const Backup read = opened_backup(sealed, owner);
  EXPECT_EQ(read.tenant, "acme");
  EXPECT_EQ(read.time_ms, start_ms);
  EXPECT_EQ(read.audit_head, sample().audit_head);
  EXPECT_EQ(read.files, sample().files);
  EXPECT_EQ(read.file("bundle.json"), "secret bundle");
  EXPECT_THROW((void)read.file("approval.json"), base::Error);
  EXPECT_THROW(opened_backup(sealed, PrivateKey::generate(PrivateKey::Type::p256)), base::Error);
  EXPECT_THROW(sealed_backup(sample(), PrivateKey::generate(PrivateKey::Type::ed25519).public_key()), base::Error);
}

TEST(Backup, IsRefusedWhenAnyByteOfItWasChangedOrCutOff) {
  const PrivateKey owner = PrivateKey::generate(PrivateKey::Type::p256);
  const base::Buffer sealed = sealed_backup(sample(), owner.public_key());
  for (std::size_t at = 0; at < sealed.size(); at += at < 1200 ? 1 : 97) {
    base::Buffer changed = sealed;
    changed[at] ^= 1;
    EXPECT_THROW(opened_backup(changed, owner), base::Error) << at;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100}, sealed.size() - 1}) {
    EXPECT_THROW(opened_backup(base::Bytes(sealed).first(size), owner), base::Error) << size;
  }
}

TEST(Backup, NamesWhatIsMalformed) {
  const PrivateKey owner = PrivateKey::generate(PrivateKey::Type::p256);
  for (const char* text : {"", "{}", "{}\n", "no json\n", "{\"schema\":\"bulkhead.service-backup/v2\"}\n",
                           "{\"schema\":\"bulkhead.service-backup/v1\",\"more\":1}\n"}) {
    try {
      opened_backup(base::bytes_of(text), owner);
      FAIL() << text;
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), base::Kind::malformed) << text;
      EXPECT_THAT(error.what(), HasSubstr("service backup"));
    }
  }
}

class Restored : public ServiceTest {
 protected:
  /// The service as it starts from what a backup holds, with its own secrets.
  std::string status_of(const std::string& token) {
    const Response answer =
        service.answer_guest({"GET", "/kbs/v0/resource/bulkhead/bootstrap/worker-0", "", token, "", "10.0.0.2"});
    return std::to_string(answer.status) + " " + answer.body;
  }
  std::string token_of_worker() {
    DirectClient client(service);
    const base::EcdhKey key;
    const wire::RuntimeData runtime{
        wire::Challenge::parse(client.post("/kbs/v0/auth", wire::AuthRequest{}.text()).body).nonce, key.point()};
    const wire::TpmEvidence evidence = worker.evidence(wire::tpm_report_data(wire::runtime_data_digest(runtime, "")));
    return wire::TokenResponse::parse(
               client
                   .post("/kbs/v0/attest", wire::AttestRequest{worker.init_data(), runtime, evidence.json(), ""}.text())
                   .body)
        .token;
  }
};

TEST_F(Restored, ServiceBelievesNoTokenFromBeforeAndEveryGuestAttestsAgain) {
  const std::string secret = outcome(worker);
  const std::string token = token_of_worker();
  EXPECT_THAT(status_of(token), HasSubstr("200 "));
  now += 1000;
  EXPECT_EQ(begin_next_generation(*store, now, "the service was restored from a backup of yesterday"), 2);
  EXPECT_EQ(state_of("worker/0").lease->standing, "ended");
  EXPECT_THAT(state_of("worker/0").lease->ended, HasSubstr("restored from a backup"));
  EXPECT_THAT(reasons_behind(status_of(token)), HasSubstr("before the service was restored"));
  EXPECT_EQ(outcome(worker), secret) << "the same life of the guest, attesting again";
  EXPECT_EQ(state_of("worker/0").lease->boot, 1001) << "a count that was never given before";
  EXPECT_THAT(reasons_behind(status_of(token)), HasSubstr("before the service was restored"));
  EXPECT_THAT(status_of(token_of_worker()), HasSubstr("200 "));
  EXPECT_EQ(begin_next_generation(*store, now, "again"), 3);
}

TEST_F(Restored, AdministratorsGetABackupForTheKeyTheyNameAndTheAuditLogSaysSo) {
  const PrivateKey recipient = PrivateKey::generate(PrivateKey::Type::p256);
  state_files = sample().files;
  const std::string request = base::Json(base::Json::Object{{"recipient", recipient.public_key().pem()}}).compact();
  const Response answer = asked("POST", "/v1/backup", request);
  ASSERT_EQ(answer.status, 200U) << answer.body;
  const Backup backup = opened_backup(base::bytes_of(answer.body), recipient);
  EXPECT_EQ(backup.tenant, "acme");
  EXPECT_EQ(backup.files, sample().files);
  EXPECT_EQ(backup.audit_head, audit.head());
  EXPECT_THAT(log, HasSubstr("\"event\":\"backup made\""));
  EXPECT_THAT(log, HasSubstr(recipient.public_key().fingerprint().hex()));
  EXPECT_EQ(asked("POST", "/v1/backup", "{\"recipient\":\"no key\"}").status, 400U);
  EXPECT_EQ(asked("GET", "/v1/backup", request).status, 404U);
}

}  // namespace
