#include "cli/key_report.h"
#include "tests/cli/run_command.h"
#include "tests/cli/running_service.h"

namespace cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class KmsKeys : public testing::Test {
 protected:
  explicit KmsKeys(std::optional<kms::Place> passport = {}) : acme("acme", folder, std::move(passport)) {
    fake::ApprovedGuest approved = acme.worker.approved();
    approved.volumes = {"data"};
    acme.approve({std::move(approved), acme.control.approved()});
  }
  void SetUp() override {
    fake::DirectClient client(acme.service);
    attestation::wire::AttestedSession session(client, acme.worker);
    session.volume_versions("worker-0-data");
    session.note_formatted("worker-0-data");
  }
  Ran kms(std::vector<std::string> words) {
    words.insert(words.begin(), "kms");
    words.insert(words.end(), {"--run", folder.path()});
    return run_command(words);
  }
  tests::TemporaryFolder folder;
  Running acme;
};

TEST_F(KmsKeys, RotateAndAreSettledAndAbandonedByName) {
  const Ran begun = kms({"rotate", "acme", "worker/0/data"});
  EXPECT_EQ(begun.code, 0) << begun.err;
  EXPECT_THAT(begun.out, testing::StartsWith("acme: key worker/0/data: rotating, versions 1 and 2\n"));
  EXPECT_THAT(begun.out, HasSubstr("at its next attestation"));
  const Ran again = kms({"rotate", "acme", "worker/0/data"});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, HasSubstr("the key is rotating, wanted in-use"));
  EXPECT_EQ(kms({"rotate", "acme", "worker/0/data", "--abandon"}).out, "acme: key worker/0/data: in-use, version 1\n");
  EXPECT_EQ(kms({"settle", "acme"}).out, "acme: no key to do this to\n");
}

TEST_F(KmsKeys, AreShownWithTheService) {
  kms({"rotate", "acme", "--all"});
  EXPECT_THAT(run_command({"service", "show", "acme", "--run", folder.path()}).out,
              HasSubstr("\n  key worker/0/data: rotating, versions 1 and 2\n"));
}

TEST_F(KmsKeys, RotateAllAtOnce) {
  EXPECT_THAT(kms({"rotate", "acme", "--all"}).out, HasSubstr("worker/0/data: rotating"));
  EXPECT_EQ(kms({"rotate", "acme", "--all"}).out, "acme: no key to do this to\n");
  EXPECT_EQ(kms({"rotate", "acme", "--all", "--abandon"}).out, "acme: key worker/0/data: in-use, version 1\n");
}

class KmsKeysOfPassports : public KmsKeys {
 protected:
  KmsKeysOfPassports() : KmsKeys(fake::passport_place()) {}
};

TEST_F(KmsKeysOfPassports, TellTheirOwnerHowToDeleteWhatIsNotUsedAnyMore) {
  const Ran begun = kms({"rotate", "acme", "worker/0/data"});
  EXPECT_EQ(begun.code, 0) << begun.err;
  EXPECT_THAT(begun.out, AllOf(testing::StartsWith("acme: key worker/0/data: rotating, versions 1 and 2\n"),
                               HasSubstr("not before the new one is in use:\n"
                                         "  bao kv metadata delete -namespace='acme' -mount='cvm/kv' "
                                         "'guests/worker/0/volumes/data'\n")));
  const Ran abandoned = kms({"rotate", "acme", "--all", "--abandon"});
  EXPECT_EQ(abandoned.code, 0) << abandoned.err;
  EXPECT_THAT(abandoned.out, AllOf(testing::StartsWith("acme: key worker/0/data: in-use, version 1\n"),
                                   HasSubstr("'guests/worker/0/volumes/data.2'\n")));
}

TEST(KmsKeysUsage, IsCheckedBeforeTheServiceIsAsked) {
  const std::vector<std::vector<std::string>> wrong{{"kms", "rotate"},
                                                    {"kms", "rotate", "acme"},
                                                    {"kms", "rotate", "acme", "worker/0/data", "--all"},
                                                    {"kms", "rotate", "acme", "../data"},
                                                    {"kms", "settle"}};
  for (const auto& words : wrong) EXPECT_EQ(run_command(words).code, 64) << words.back();
  const Ran none = run_command({"kms", "settle", "acme", "--run", "/nonexistent"});
  EXPECT_EQ(none.code, 4);
  EXPECT_THAT(none.err, HasSubstr("attestation service at /nonexistent/acme/admin.sock: "));
}

TEST(KeyReport, SaysOfEachKeyWhereItIsInItsLife) {
  using kms::KeyState;
  const struct {
    attestation::KeyStanding key;
    const char* text;
  } cases[] = {
      {{"a/0/b", KeyState::never_formatted, 1, 0, 0}, "a/0/b: never-formatted, version 1"},
      {{"a/0/b", KeyState::rotating, 4, 5, 0}, "a/0/b: rotating, versions 4 and 5"},
      {{"a/0/b", KeyState::in_use, 5, 0, 1}, "a/0/b: in-use, version 5, 1 older version not erased yet"},
      {{"a/0/b", KeyState::revoked, 5, 6, 2}, "a/0/b: revoked, versions 5 and 6, 2 older versions not erased yet"},
      {{"a/0/b", KeyState::destroyed, 0, 0, 0}, "a/0/b: destroyed"}};
  for (const auto& one : cases) EXPECT_EQ(key_text(one.key), one.text);
  attestation::ServiceState service;
  service.keys = {cases[1].key, cases[4].key};
  EXPECT_EQ(key_lines("acme", service), "acme: key a/0/b: rotating, versions 4 and 5\nacme: key a/0/b: destroyed\n");
  EXPECT_EQ(keys_json(service).compact(),
            R"({"credential":null,"keys":[{"name":"a/0/b","next":5,"state":"rotating","unerased":0,"version":4},)"
            R"({"name":"a/0/b","next":null,"state":"destroyed","unerased":0,"version":null}],"problem":null})");
  EXPECT_EQ(key_problem_line("acme", service), "");
  service.key_problem = "it is older";
  EXPECT_EQ(key_problem_line("acme", service), "acme: keys: it is older\n");
}

TEST(KeyReport, SaysWhenTheCredentialForTheKmsEndsOrWhyItIsNotRenewed) {
  attestation::ServiceState service;
  EXPECT_EQ(credential_text(service), "");
  service.credential = attestation::CredentialState{1'800'000'000, ""};
  EXPECT_EQ(credential_text(service), "the credential for the KMS ends 2027-01-15T08:00:00Z and cannot be renewed");
  service.credential->problem = "HTTP 500";
  EXPECT_EQ(credential_text(service), "the credential for the KMS ends 2027-01-15T08:00:00Z, not renewed: HTTP 500");
  EXPECT_THAT(keys_json(service).compact(), HasSubstr(R"("credential":{"ends":1800000000,"problem":"HTTP 500"})"));
  service.credential->ends.reset();
  EXPECT_EQ(credential_text(service), "the credential for the KMS is not known to be valid: HTTP 500");
}

}  // namespace
}  // namespace cli
