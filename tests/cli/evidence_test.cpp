#include "base/posix_files.h"
#include "tests/cli/run_command.h"
#include "tests/cli/running_service.h"

namespace cli {
namespace {

using testing::HasSubstr;

class EvidenceVerb : public testing::Test {
 protected:
  /// What acme's worker attested with, in a file.
  std::string saved() {
    EXPECT_EQ(acme.outcome(acme.worker).size(), 64U);
    const std::string path = folder.file("worker-0.json");
    const Ran ran = run_command({"evidence", "save", "acme", "worker/0", "--out", path, "--run", folder.path()});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.out, path + ": what acme worker/0 attested with last\n");
    return path;
  }
  static Ran presented(const std::string& evidence, const Running& to) {
    return run_command({"evidence", "present", evidence, "--url", to.address(), "--ca", to.ca_file});
  }
  /// The entry that the refusal names, as `audit show` prints it from that service's log.
  std::string entry_in(const Running& service, const std::string& told) const {
    const std::string log = folder.file("audit.jsonl");
    base::write_file_atomically(log, service.log, 0600);
    return run_command({"audit", "show", log, "--entry", told.substr(told.find("entry ") + 6, 8)}).out;
  }

  tests::TemporaryFolder folder;
  Running acme{"acme", folder};
  Running globex{"globex", folder};
};

TEST_F(EvidenceVerb, OfAGuestOfOneTenantIsRefusedByAnothersService) {
  const Ran ran = presented(saved(), globex);
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.out, testing::ContainsRegex("evidence: 401 refused; entry [0-9a-f]{8} of the service's audit log"));
  EXPECT_THAT(ran.out, testing::Not(HasSubstr("enrolled"))) << "the client learns no reason";
  EXPECT_THAT(
      entry_in(globex, ran.out),
      testing::ContainsRegex("refused .*guest=worker/0 .*source=127.0.0.1\n  attestation key not enrolled: SHA"));
}

TEST_F(EvidenceVerb, IsNotFreshForItsOwnServiceEitherAndSpoilsNothing) {
  const Ran ran = presented(saved(), acme);
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(entry_in(acme, ran.out), HasSubstr("  sha256 quote: qualifying data: wanted "));
  EXPECT_TRUE(acme.state_of("worker/0").verdict->attested);
}

TEST_F(EvidenceVerb, IsReadByVerify) {
  const Ran ran = run_command({"verify", "tpm", saved()});
  EXPECT_EQ(ran.code, 5) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("signature valid, origin unknown"));
}

TEST_F(EvidenceVerb, NamesAGuestThatNeverAttested) {
  const Ran ran =
      run_command({"evidence", "save", "acme", "control/0", "--out", folder.file("none"), "--run", folder.path()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("control/0: no attestation was accepted yet"));
}

TEST_F(EvidenceVerb, ThatIsNoneIsMalformed) {
  const std::string path = folder.file("evidence.json");
  base::write_file_atomically(path, std::string_view("{}"), 0600);
  const Ran ran = presented(path, globex);
  EXPECT_EQ(ran.code, 3);
  EXPECT_THAT(ran.err, HasSubstr("evidence.json: "));
  EXPECT_EQ(run_command({"evidence", "save", "acme", "worker", "--out", path}).code, 64);
}

TEST_F(EvidenceVerb, AuditShowSaysThatThereIsNoSuchEntry) {
  const std::string log = folder.file("audit.jsonl");
  base::write_file_atomically(log, acme.log, 0600);
  EXPECT_EQ(run_command({"audit", "show", log, "--entry", "00000000"}).code, 1);
  EXPECT_THAT(run_command({"audit", "show", log}).out, HasSubstr(" approval loaded intentDigest="));
}

}  // namespace
}  // namespace cli
