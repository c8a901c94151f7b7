#include "base/certificate.h"
#include "tests/cli/own_service.h"

namespace cli {
namespace {

using testing::HasSubstr;

/// That service backed up, lost and restored elsewhere.
class ServiceBackup : public OwnService {
 protected:
  Ran back_up() {
    return run_command({"service", "backup", "acme", "--to", file("backup.pub"), "--out", file("acme.backup"), "--run",
                        folder.path()});
  }
  Ran restore(const std::string& state, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"service", "restore",          "acme",    "--from",   file("acme.backup"),
                                   "--key",   file("backup.key"), "--state", file(state)};
    words.insert(words.end(), more.begin(), more.end());
    return run_command(words);
  }
};

TEST_F(ServiceBackup, StartsElsewhereWithTheSameSecretsAndBelievesNoLease) {
  start("first");
  approve_and_enrol();
  const std::string before = secret();
  program.admin->put_revocation({attestation::Revocation::Kind::chip, std::string(128, 'a'), "stolen", 0});
  const Ran made = back_up();
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("copy audit.jsonl apart"));
  EXPECT_EQ(std::filesystem::status(file("acme.backup")).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(back_up().code, 1) << "a backup replaces nothing";
  program.kill();
  const Ran restored = restore("second", {"--audit", file("first/audit.jsonl")});
  ASSERT_EQ(restored.code, 0) << restored.err;
  EXPECT_THAT(restored.out, HasSubstr("generation 2; every guest has to attest again"));
  EXPECT_THAT(restored.out, HasSubstr("chip " + std::string(128, 'a')));
  start("second");
  EXPECT_EQ(program.admin->state().guests.at(0).lease->standing, "ended");
  EXPECT_EQ(secret(), before);
  EXPECT_EQ(program.admin->state().guests.at(0).lease->boot, 1001);
  const std::string log = base::read_file(file("second/audit.jsonl"));
  EXPECT_EQ(attestation::verify_audit_log(log), std::nullopt) << "one chain over both lives of the service";
  EXPECT_THAT(log, HasSubstr("\"event\":\"restored\",\"generation\":2"));
  EXPECT_THAT(log, HasSubstr("\"event\":\"backup made\""));
}

TEST_F(ServiceBackup, HasTheKeysOfVolumesAsTheyWereInUse) {
  start("first");
  approve_and_enrol();
  ASSERT_THAT(volume(), testing::StartsWith("may format "));
  note_formatted();
  const std::string key = volume();
  ASSERT_EQ(back_up().code, 0);
  program.kill();
  const Ran restored = restore("second", {"--audit", file("first/audit.jsonl")});
  ASSERT_EQ(restored.code, 0) << restored.err;
  EXPECT_THAT(restored.out, HasSubstr("  worker/0/data in-use, version 1\n"));
  start("second");
  EXPECT_THAT(key, testing::StartsWith("opens "));
  EXPECT_EQ(volume(), key) << "the same key, in use: an emptied disk is not formatted with it";
  EXPECT_THAT(base::read_file(file("second/audit.jsonl")), HasSubstr("\"keyStoreGeneration\":1000002"))
      << "a key made and put to use: newer than anything the lost store has written since";
  EXPECT_EQ(std::filesystem::status(file("second/keys.sqlite")).permissions(), std::filesystem::perms(0600));
}

TEST_F(ServiceBackup, OfAServiceWithAKmsHasItsCredentialAndSaysWhereTheKeysAre) {
  base::write_file_atomically(file("token"), std::string_view("s.secret\n"), 0600);
  const base::Json connection = base::Json::Object{
      {"schema", "bulkhead.kms-connection/v1"},
      {"tenant", "acme"},
      {"openbao", base::Json::Object{{"url", "https://127.0.0.1:1"},  // nobody is there, and nobody is asked
                                     {"ca", file("ca.pem")},
                                     {"login", base::Json::Object{{"method", "token"}, {"file", file("token")}}}}}};
  base::write_file_atomically(file("kms.json"), connection.compact(), 0600);
  must({"keys", "connect", "--bundle", file("first/bundle.json"), "--kms", file("kms.json"), "--out",
        file("connected")});
  std::filesystem::rename(file("connected"), file("first/bundle.json"));
  base::Json config = base::Json::parse(base::read_file(file("first/config.json")), "config");
  config["kms"] = base::Json::Object{
      {"provider", "openbao"}, {"server", "127.0.0.1:1"},
      {"namespace", ""},       {"mount", ""},
      {"token", ""},           {"ca", base::certificate_fingerprint(base::read_file(file("ca.pem")), "ca").hex()},
      {"client", nullptr}};
  base::write_file_atomically(file("first/config.json"), config.compact(), 0600);
  start("first");
  ASSERT_EQ(back_up().code, 0);
  program.kill();
  const Ran restored = restore("second", {"--audit", file("first/audit.jsonl")});
  ASSERT_EQ(restored.code, 0) << restored.err;
  EXPECT_THAT(restored.out, HasSubstr("Its keys are in its KMS, openbao 127.0.0.1:1, and what was done to them there"));
  EXPECT_FALSE(std::filesystem::exists(file("second/keys.sqlite")));
  start("second");
  EXPECT_EQ(program.admin->state().keys.size(), 0U);
}

TEST_F(ServiceBackup, OfKeysThatHaveChangedSinceIsRestoredAboveAllThatTheLogNotes) {
  start("first");
  approve_and_enrol();
  volume();
  ASSERT_EQ(back_up().code, 0);
  note_formatted();
  program.kill();
  ASSERT_EQ(restore("second", {"--audit", file("first/audit.jsonl")}).code, 0);
  EXPECT_THAT(base::read_file(file("second/audit.jsonl")), HasSubstr("\"keyStoreGeneration\":1000002"));
  start("second");
  EXPECT_EQ(program.admin->state().key_problem, "") << "older, and put back on purpose";
  EXPECT_THAT(volume(), testing::StartsWith("may format ")) << "as the backup had it";
  program.kill();
  ASSERT_EQ(restore("third", {"--audit", file("second/audit.jsonl")}).code, 0);
  EXPECT_THAT(base::read_file(file("third/audit.jsonl")), HasSubstr("\"keyStoreGeneration\":2000002"))
      << "the second one's files are older than the third one";
}

TEST_F(ServiceBackup, SaysWhichKeysWereNotInUseYetWhenItWasMade) {
  start("first");
  approve_and_enrol();
  const std::string key = volume();
  ASSERT_EQ(back_up().code, 0);
  note_formatted();
  EXPECT_EQ(volume().substr(6), key.substr(11));
  program.kill();
  EXPECT_THAT(restore("second").out, HasSubstr("  worker/0/data never-formatted, version 1\n"));
  start("second");
  EXPECT_EQ(volume(), key) << "it opens the filled disk, and the guest says again that it is formatted";
}

TEST_F(ServiceBackup, IsRestoredWithoutTheLogButNotWithAnotherOne) {
  start("first");
  approve_and_enrol();
  back_up();
  program.kill();
  const std::string log = base::read_file(file("first/audit.jsonl"));
  base::write_file_atomically(file("cut.jsonl"), log.substr(0, log.find('\n') + 1), 0600);
  const Ran refused = restore("second", {"--audit", file("cut.jsonl")});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("lines were cut off"));
  EXPECT_FALSE(std::filesystem::exists(file("second")));
  EXPECT_EQ(restore("second").code, 0);
  EXPECT_THAT(base::read_file(file("second/audit.jsonl")), HasSubstr("\"backupAuditHead\":\""));
  start("second");
  EXPECT_EQ(secret().size(), 64U);
}

TEST_F(ServiceBackup, RestoreReplacesNothingAndGoesOnWhereItWasInterrupted) {
  start("first");
  back_up();
  const Ran refused = restore("first");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("exists already; a restore replaces nothing"));
  std::filesystem::create_directories(file("second.restoring/half"));
  EXPECT_EQ(restore("second").code, 0);
  EXPECT_FALSE(std::filesystem::exists(file("second.restoring")));
  EXPECT_FALSE(std::filesystem::exists(file("second/half")));
}

TEST_F(ServiceBackup, RestoreRefusesAnotherKeyAndAnotherTenantsBackup) {
  start("first");
  back_up();
  must({"keys", "backup", "--out", file("other")});
  const Ran other_key = run_command({"service", "restore", "acme", "--from", file("acme.backup"), "--key",
                                     file("other.key"), "--state", file("second")});
  EXPECT_EQ(other_key.code, 1);
  EXPECT_THAT(other_key.err, HasSubstr("is for the key "));
  const Ran other_tenant = run_command({"service", "restore", "globex", "--from", file("acme.backup"), "--key",
                                        file("backup.key"), "--state", file("second")});
  EXPECT_EQ(other_tenant.code, 1);
  EXPECT_THAT(other_tenant.err, HasSubstr("is of tenant 'acme'"));
  EXPECT_FALSE(std::filesystem::exists(file("second")));
}

TEST_F(ServiceBackup, ForAHostIsPutWhereApplyLooksForItWithTheTenantsMark) {
  start("first");
  back_up();
  const Ran ran = run_command({"service", "restore", "acme", "--from", file("acme.backup"), "--key", file("backup.key"),
                               "--store", file("store")});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("`bulkhead plan` and `apply` start it"));
  EXPECT_TRUE(std::filesystem::exists(file("store/tenants/acme/service/bundle.json")));
}

}  // namespace
}  // namespace cli
