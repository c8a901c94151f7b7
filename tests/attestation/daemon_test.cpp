#include <algorithm>
#include <filesystem>

#include "daemon_fixture.h"

// The program itself, killed and started again.

namespace {

using namespace fake;
using testing::HasSubstr;

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
    program.kill();
    EXPECT_THROW(interrupted->get(std::string("/kbs/v0/") + worker_secret), base::Error);
    start();
    EXPECT_EQ(secret(), first) << "after " << steps << " steps";
  }
  const ServiceState state = program.admin->state();
  ASSERT_EQ(state.guests.size(), 1U);
  EXPECT_EQ(state.guests[0].lease->boot, 1) << "one life, however often the service was killed";
  EXPECT_EQ(verify_audit_log(log()), std::nullopt);
}

TEST_F(Daemon, RemovesTheHalfLineThatAKillLeftAndSaysSo) {
  start();
  approve_and_enrol();
  program.kill();
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
  program.kill();
  std::string changed = log();
  changed.replace(changed.find("worker/0"), 8, "worker/1");
  base::write_file_atomically(file("audit.jsonl"), changed, 0600);
  EXPECT_EQ(program.launch(folder.path()).ended_within(std::chrono::seconds(30)), 1);
}

TEST_F(Daemon, KeepsKeysAndWhatBecameOfThemWhenKilled) {
  start();
  approve_and_enrol();
  const std::string key = volume();
  EXPECT_THAT(key, testing::StartsWith("may format "));
  wire::AttestedSession(*client(), worker).note_formatted("worker-0-data");
  program.kill();
  start();
  EXPECT_EQ(volume(), "opens " + key.substr(std::string("may format ").size()));
  EXPECT_THAT(log(), testing::Not(HasSubstr(key.substr(key.rfind(' ') + 1))));
  struct stat file{};
  ASSERT_EQ(::stat(this->file("keys.sqlite").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
}

TEST_F(Daemon, RotatesAKeyHoweverOftenItIsKilledMeanwhile) {
  start();
  approve_and_enrol();
  volume();
  wire::AttestedSession(*client(), worker).note_formatted("worker-0-data");
  EXPECT_EQ(program.admin->rotate_keys(std::nullopt).at(0).next, 2U);
  program.kill();
  start();
  const auto connection = client();
  wire::AttestedSession session(*connection, worker);
  EXPECT_EQ(session.volume_keys("worker-0-data").versions.size(), 2U);
  session.note_rotated("worker-0-data", 2);
  program.kill();
  start();
  wire::AttestedSession(*client(), worker).note_rotated("worker-0-data", 2);
  const auto is_of_volume = [](const KeyStanding& key) { return key.name == "worker/0/data"; };
  const std::vector<KeyStanding> keys = program.admin->state().keys;
  const auto key = std::ranges::find_if(keys, is_of_volume);
  ASSERT_NE(key, keys.end());
  EXPECT_EQ(key->state, kms::KeyState::in_use);
  EXPECT_EQ(key->version, 2U);
  EXPECT_EQ(key->unerased, 0U);
}

TEST_F(Daemon, GivesNoKeyOfAnOlderStoreThatWasPutBack) {
  start();
  approve_and_enrol();
  volume();
  program.kill();
  const StoreFiles older = store();
  start();
  wire::AttestedSession(*client(), worker).note_formatted("worker-0-data");
  program.kill();
  const StoreFiles newer = store();
  for (const StoreFiles& other : {older, StoreFiles()}) {
    put_back(other);
    for (int starts = 0; starts < 2; ++starts) {
      start();
      EXPECT_THAT(program.admin->state().key_problem,
                  HasSubstr("the key store is older than the audit log: it is of generat"));
      EXPECT_THROW(volume(), base::Error);
      EXPECT_THROW(secret(), base::Error);
      EXPECT_THROW(program.admin->rotate_keys(std::nullopt), base::Error);
      program.kill();
    }
  }
  EXPECT_THAT(log(), HasSubstr("\"event\":\"key store refused\""));
  put_back(newer);
  start();
  EXPECT_EQ(program.admin->state().key_problem, "");
  EXPECT_THAT(volume(), testing::StartsWith("opens "));
}

TEST_F(Daemon, DoesNotOpenItsKeysWithAnotherBundle) {
  start();
  approve_and_enrol();
  secret();
  program.kill();
  bundle["storageKey"] = base::base64(base::random_secret(32).view());
  write_files();
  EXPECT_EQ(program.launch(folder.path()).ended_within(std::chrono::seconds(30)), 1);
}

TEST_F(Daemon, DoesNotStartWhenBundleAndPlanDoNotAgreeOnAKms) {
  const base::Json place = base::Json::Object{{"provider", "openbao"}, {"server", "10.0.0.5:8200"},
                                              {"namespace", "acme"},   {"mount", ""},
                                              {"token", ""},           {"ca", {}},
                                              {"client", {}}};
  const base::Json connection = base::Json::Object{
      {"schema", "bulkhead.kms-connection/v1"},
      {"tenant", "acme"},
      {"openbao", base::Json::Object{{"url", "https://10.0.0.5:8200"},
                                     {"ca", "ca.pem"},
                                     {"login", base::Json::Object{{"method", "token"}, {"file", "token"}}}}}};
  config["kms"] = place;
  write_files();
  EXPECT_EQ(ends(), 1) << "a bundle without a connection must not mean the embedded store";
  EXPECT_FALSE(std::filesystem::exists(file("keys.sqlite")));
  config.object().erase("kms");
  bundle["kms"] = base::Json::Object{{"connection", connection}, {"files", base::Json::Object{{"token", "t"}}}};
  write_files();
  EXPECT_EQ(ends(), 1);
  EXPECT_FALSE(std::filesystem::exists(file("keys.sqlite")));
}

/// A service whose guests ask their owner's KMS themselves.
class PassportDaemon : public Daemon {
 protected:
  PassportDaemon() {
    config["kms"] = base::Json::Object{{"provider", "openbao"}, {"server", "10.0.0.5:8200"},
                                       {"namespace", "acme"},   {"mount", "cvm"},
                                       {"token", ""},           {"ca", {}},
                                       {"client", {}},          {"model", "passport"}};
    const PrivateKey guests = PrivateKey::generate(PrivateKey::Type::p256);
    bundle["guestCaKey"] = text(guests.pem());
    bundle["guestCaCertificate"] = base::make_peer_ca_certificate(
        base::KeySigner(ca_key), ca, guests.public_key(), {"acme guests", {}, {}, today() - 60, today() + 3600});
    write_files();
  }
  std::optional<bool> may_format() {
    const auto connection = client();
    return wire::AttestedSession(*connection, worker).volume_versions("worker-0-data").may_format;
  }
};

TEST_F(PassportDaemon, KeepsTheStateOfKeysThatItNeverHas) {
  start();
  approve_and_enrol();
  EXPECT_EQ(may_format(), true);
  wire::AttestedSession(*client(), worker).note_formatted("worker-0-data");
  program.kill();
  start();
  EXPECT_EQ(may_format(), false);
  EXPECT_THROW(volume(), base::Error);
  EXPECT_THROW(secret(), base::Error);
  EXPECT_FALSE(std::filesystem::exists(file("keys.sqlite")));
  EXPECT_TRUE(std::filesystem::exists(file("kms-records.sqlite")));
  program.admin->rotate_keys(std::vector<std::string>{"worker/0/data"});
  program.kill();
  start();
  EXPECT_EQ(wire::AttestedSession(*client(), worker).volume_versions("worker-0-data").next, 2U);
  EXPECT_EQ(program.admin->state().passports->mount, "cvm");
}

TEST_F(PassportDaemon, StartsWithoutACredentialAndNotWithOne) {
  const base::Json whole = bundle;
  const base::Json connection = base::Json::Object{
      {"schema", "bulkhead.kms-connection/v1"},
      {"tenant", "acme"},
      {"openbao", base::Json::Object{{"url", "https://10.0.0.5:8200"},
                                     {"ca", "ca.pem"},
                                     {"login", base::Json::Object{{"method", "token"}, {"file", "token"}}}}}};
  bundle["kms"] = base::Json::Object{{"connection", connection}, {"files", base::Json::Object{{"token", "t"}}}};
  write_files();
  EXPECT_EQ(ends(), 1);
  bundle = whole;
  bundle.object().erase("guestCaKey");
  write_files();
  EXPECT_EQ(ends(), 1) << "it could issue no passport";
}

TEST_F(Daemon, DestroysItsKeysAndNamesThem) {
  start();
  approve_and_enrol();
  secret();
  volume();
  EXPECT_THAT(program.admin->shred_keys().names, testing::ElementsAre("bootstrap/worker/0", "worker/0/data"));
  EXPECT_THROW(secret(), base::Error);
  EXPECT_THAT(log(), HasSubstr("keys destroyed"));
}

TEST_F(Daemon, KeepsRevocationsWhenKilled) {
  start();
  approve_and_enrol();
  program.admin->put_revocation({Revocation::Kind::guest, "worker/0", "leaked", 0});
  program.kill();
  start();
  ASSERT_EQ(program.admin->state().revocations.size(), 1U);
  EXPECT_EQ(program.admin->state().revocations[0].reason, "leaked");
  EXPECT_THROW(secret(), base::Error);
  program.admin->lift_revocation({Revocation::Kind::guest, "worker/0", "", 0});
  EXPECT_EQ(secret().size(), 64U);
}

TEST_F(Daemon, ReadsCollateralAnewWhenToldAndKeepsTheOldWhenTheNewIsBroken) {
  const auto put = [&](const std::string& name, const std::string& content) {
    std::filesystem::create_directories(std::filesystem::path(file(name)).parent_path());
    base::write_file_atomically(file(name), content, 0644);
  };
  start();
  EXPECT_TRUE(program.admin->state().collateral.empty());
  put("collateral/vcek/aabb/issuer.pem", ca);
  EXPECT_TRUE(program.admin->state().collateral.empty()) << "nothing is read unasked";
  program.admin->reload_collateral();
  EXPECT_EQ(program.admin->state().collateral.size(), 1U);
  put("collateral/tdx/broken.json", "{");
  EXPECT_THROW(program.admin->reload_collateral(), base::Error);
  EXPECT_EQ(program.admin->state().collateral.size(), 1U);
  EXPECT_THAT(log(), HasSubstr("collateral/tdx/broken.json"));
  EXPECT_EQ(verify_audit_log(log()), std::nullopt);
}

}  // namespace
