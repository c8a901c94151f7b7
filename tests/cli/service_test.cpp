#include "cli/keys.h"

#include "attestation/daemon_files.h"
#include "attestation/enrolments.h"
#include "base/posix_files.h"
#include "tests/cli/owner_files.h"
#include "tests/cli/run_command.h"
#include "tests/cli/running_service.h"

namespace cli {
namespace {

using testing::HasSubstr;

class ServiceVerb : public testing::Test {
 protected:
  ServiceVerb() {
    base::write_new_secret_file(folder.file("ca.key"), acme.ca_key.pem());
    base::write_file_atomically(folder.file("ca.pem"), acme.tenant_ca, 0644);
  }
  tests::TemporaryFolder folder;
  Running acme{"acme", folder};
};

TEST_F(ServiceVerb, RotateGivesARunningServiceTheKeyThatTheOwnerMade) {
  const std::string file = folder.file("token.json"), before = acme.service.token_key_id();
  const Ran made = run_command({"keys", "token", "--tenant", "acme", "--ca", folder.file("ca.pem"), "--out", file});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.out, testing::Not(HasSubstr("PRIVATE")));
  const Ran ran = run_command({"service", "rotate", "acme", "--token-key", file, "--run", folder.path()});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_NE(acme.service.token_key_id(), before);
  EXPECT_THAT(ran.out, HasSubstr("signed with key " + acme.service.token_key_id()));
  const Ran again = run_command({"service", "rotate", "acme", "--token-key", file, "--run", folder.path()});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, HasSubstr("it was one before"));
}

/// The way from elsewhere, for an owner that `keys owner` made under the CA of the service's certificate.
class OwnerFromElsewhere : public ServiceVerb {
 protected:
  OwnerFromElsewhere() {
    base::write_new_secret_file(folder.file("tls-ca.key"), acme.ca_key.pem());
    base::write_file_atomically(folder.file("tls-ca.pem"), base::read_file(acme.ca_file), 0644);
    const Ran made = run_command({"keys", "owner", "--tenant", "acme", "--ca", folder.file("tls-ca.pem"), "--name",
                                  "alice", "--out", folder.file("alice")});
    EXPECT_EQ(made.code, 0) << made.err;
  }
  [[nodiscard]] Ran run(std::vector<std::string> words) const {
    for (const std::string& word : {std::string("--url"), acme.address(), std::string("--ca"), acme.ca_file,
                                    std::string("--identity"), folder.file("alice")})
      words.push_back(word);
    return run_command(words);
  }
};

TEST_F(OwnerFromElsewhere, SeesHerGuestsAndRevokesOne) {
  const Ran revoked = run({"revoke", "acme", "--guest", "worker/0", "--reason", "leaked"});
  EXPECT_EQ(revoked.code, 0) << revoked.err;
  const Ran shown = run({"service", "show", "acme"});
  EXPECT_EQ(shown.code, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("worker/0  never attested"));
  EXPECT_THAT(shown.out, HasSubstr("revoked guest worker/0"));
  EXPECT_EQ(base::Json::parse(run({"service", "show", "acme", "--json"}).out, "out").at("tenant").text(), "acme");
  EXPECT_THAT(acme.log, HasSubstr(R"("owner":"alice")"));
}

TEST_F(OwnerFromElsewhere, GivesTheServiceAnApprovalThatItVerifies) {
  base::write_file_atomically(folder.file("approval.json"), acme.stored_approval, 0644);
  const Ran given = run({"service", "approve", "acme", "--approval", folder.file("approval.json")});
  EXPECT_EQ(given.code, 0) << given.err;
  base::write_file_atomically(folder.file("approval.json"), std::string_view("{}"), 0644);
  EXPECT_EQ(run({"service", "approve", "acme", "--approval", folder.file("approval.json")}).code, 1);
}

TEST_F(OwnerFromElsewhere, EnrolsTheKeysThatAHostHandedOver) {
  const base::Buffer key = fake::Guest("worker/0").public_key();
  const std::string file = folder.file("enrolments.json");
  base::write_file_atomically(file, attestation::Enrolments{"acme", {{"worker/0", key}}}.text(), 0644);
  const Ran ran = run({"service", "enrol", "acme", "--enrolments", file});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("acme: worker/0 is known by key " + base::sha256(key).hex()));
  EXPECT_THAT(ran.out, HasSubstr("says nothing about the operator"));
  EXPECT_EQ(acme.store->enrolled_keys().at("worker/0"), key);
  EXPECT_EQ(run({"service", "enrol", "acme", "--enrolments", file}).code, 0) << "the same again changes nothing";
  base::write_file_atomically(file, attestation::Enrolments{"globex", {{"worker/0", key}}}.text(), 0644);
  EXPECT_THAT(run({"service", "enrol", "acme", "--enrolments", file}).err, HasSubstr("is of tenant 'globex'"));
}

TEST_F(OwnerFromElsewhere, ShredsHerKeysOnlyWhenShePersists) {
  EXPECT_EQ(run({"service", "shred", "acme"}).code, 64) << "no terminal, no --yes";
  const Ran ran = run({"service", "shred", "acme", "--yes"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("keys destroyed\n"));
  EXPECT_EQ(run({"service", "shred", "globex", "--yes"}).code, 1) << "another tenant's";
}

class OwnersConfiguration : public OwnerFiles {};

TEST_F(OwnersConfiguration, FollowsFromTheTenantsDocument) {
  edit("acme.yaml", "      attestation: {placement: operatorHost, url: \"https://10.20.255.1",
       "      kms: {placement: owner, provider: openbao, url: \"https://bao.example:8200\", ca: acme-ca.pem}\n"
       "      attestation: {placement: owner, url: \"https://192.168.7.9");
  const Ran ran = run_command({"service", "configure", file("acme.yaml"), "--out", file("config.json")});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("listens at https://192.168.7.9:8443"));
  const auto config = attestation::ServiceConfig::parse(base::read_file(file("config.json")));
  ASSERT_EQ(config.approval_keys.size(), 1U);
  EXPECT_EQ(config.approval_keys[0].pem(), base::read_file(file("acme-approval.pub")));
  EXPECT_EQ(config.ca, base::read_file(file("acme-ca.pem")));
  EXPECT_EQ(config.kms.value().server, "bao.example:8200");
}

TEST_F(OwnerFromElsewhere, IsToldOfAnotherTenantsService) {
  const Ran ran = run({"service", "show", "globex"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("the service of 'acme', wanted globex"));
}

TEST_F(OwnerFromElsewhere, SaysAllOfHerWayOrNone) {
  EXPECT_EQ(run_command({"service", "show", "acme", "--url", acme.address()}).code, 64);
  EXPECT_EQ(run_command({"service", "show", "acme", "--identity", folder.file("alice")}).code, 64);
  EXPECT_EQ(run({"service", "show", "acme", "--run", folder.path()}).code, 64);
  EXPECT_EQ(run_command({"keys", "owner", "--tenant", "acme", "--ca", folder.file("tls-ca.pem"), "--name", "Al Ice",
                         "--out", folder.file("other")})
                .code,
            64);
}

TEST_F(ServiceVerb, RotateRefusesAFileThatOthersMayRead) {
  const std::string file = folder.file("open.json");
  base::write_file_atomically(file, std::string_view("{}"), 0644);
  EXPECT_EQ(run_command({"service", "rotate", "acme", "--token-key", file, "--run", folder.path()}).code, 1);
}

}  // namespace
}  // namespace cli
