#include "attestation/daemon_files.h"
#include "attestation/wire/volume_keys.h"
#include "tests/attestation/attestd_process.h"
#include "tests/attestation/service_fixture.h"
#include "tests/cli/run_command.h"
#include "tests/kms/tpm/tpm_fixture.h"

namespace kms {
namespace {

namespace wire = attestation::wire;
using testing::HasSubstr;

/// A service of acme's that its owner runs, with its bundle sealed to the machine's TPM.
class SealedBundle : public WithTpm {
 protected:
  void SetUp() override {
    WithTpm::SetUp();
    if (IsSkipped()) return;
    must({"keys", "backup", "--out", file("backup")});
    must({"keys", "approval", "--out", file("owner")});
    must({"keys", "ca", "--tenant", "acme", "--out", file("ca")});
    must({"keys", "service", "--tenant", "acme", "--url", program.url(), "--ca", file("ca.pem"), "--out",
          file("bundle")});
    for (const char* name : {"first", "acme"}) std::filesystem::create_directories(file(name));
    must({"keys", "seal", file("bundle"), "--out", file("first/bundle.json"), "--tpm", tpm->address()});
    const base::Json config =
        base::Json::Object{{"approvalKeys", base::Json::Array{base::read_file(file("owner.pub"))}},
                           {"ca", base::read_file(file("ca.pem"))}};
    base::write_file_atomically(file("first/config.json"), config.compact(), 0600);
    program.more_flags = {"--tpm", tpm->address()};
  }
  static cli::Ran must(const std::vector<std::string>& words) {
    cli::Ran ran = cli::run_command(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran;
  }
  void approve_and_enrol() {
    attestation::ApprovedGuest approved = worker.approved();
    approved.volumes = {"data"};
    base::Envelope envelope =
        attestation::approval_envelope({"acme", "emulated", {}, std::nullopt, {std::move(approved)}});
    base::sign_envelope(envelope,
                        base::KeySigner(base::PrivateKey::from_pem(base::read_file(file("owner.key")), "key")));
    program.admin->put_approval(envelope.json().compact());
    program.admin->enrol("worker/0", worker.public_key());
  }
  std::string volume() {
    const auto client = program.client(base::read_file(file("ca.pem")));
    return base::hex(
        wire::parse_volume_keys(wire::fetch_resource(*client, worker, "resource/bulkhead/volume/worker-0-data").view())
            .versions.front()
            .view());
  }
  /// How a service ends that should not start.
  std::optional<int> ends() { return program.launch(file("first")).ended_within(std::chrono::seconds(60)); }
  cli::Ran back_up() {
    return cli::run_command({"service", "backup", "acme", "--to", file("backup.pub"), "--out", file("acme.backup"),
                             "--run", folder.path()});
  }

  /// The socket is where the verbs look for acme's.
  attestation::AttestdProcess program{folder.file("acme/admin.sock"), folder.file("lock")};
  fake::Guest worker{"worker/0"};
};

TEST_F(SealedBundle, StartsAServiceThatReleasesTheSameKeyAfterEveryRestartOfBoth) {
  program.start(file("first"));
  approve_and_enrol();
  const std::string key = volume();
  EXPECT_EQ(left(), "");
  program.kill();
  tpm->stop();
  tpm->start();
  program.start(file("first"));
  EXPECT_EQ(volume(), key);
}

TEST_F(SealedBundle, IsNoUseWithAnotherTpmOrWithout) {
  tests::SoftwareTpm other;
  program.more_flags = {"--tpm", other.address()};
  EXPECT_EQ(ends(), 1);
  program.more_flags = {"--tpm", "device:/nonexistent/tpmrm0"};
  EXPECT_EQ(ends(), 4);
  program.more_flags = {"--tpm", "cmd:sh"};
  EXPECT_EQ(ends(), 3);
  EXPECT_FALSE(std::filesystem::exists(file("first/keys.sqlite"))) << "it began nothing";
  program.more_flags = {"--tpm", tpm->address()};
  program.start(file("first"));
}

TEST_F(SealedBundle, IsInABackupAsItselfSoThatARestoreElsewhereHasTheKeys) {
  program.start(file("first"));
  approve_and_enrol();
  const std::string key = volume();
  ASSERT_EQ(back_up().code, 0);
  program.kill();
  tpm->stop();
  program.more_flags = {};  // another machine, which has no TPM
  must({"service", "restore", "acme", "--from", file("acme.backup"), "--key", file("backup.key"), "--state",
        file("second"), "--audit", file("first/audit.jsonl")});
  EXPECT_EQ(base::Json::parse(base::read_file(file("second/bundle.json")), "bundle"),
            base::Json::parse(base::read_file(file("bundle")), "bundle"));
  program.start(file("second"));
  EXPECT_EQ(volume(), key);
}

TEST_F(SealedBundle, IsNotBackedUpWhileTheTpmIsAway) {
  program.start(file("first"));
  tpm->stop();
  const cli::Ran refused = back_up();
  EXPECT_NE(refused.code, 0);
  EXPECT_FALSE(std::filesystem::exists(file("acme.backup")));
  EXPECT_THAT(base::read_file(file("first/audit.jsonl")),
              HasSubstr("/v1/backup: " + file("first/bundle.json") + ": cannot"));
  EXPECT_EQ(program.admin->state().tenant, "acme") << "the service goes on";
}

TEST_F(SealedBundle, IsRefusedWhereTheBundleItselfIsNeeded) {
  base::write_file_atomically(file("kms.json"), std::string_view("{}"), 0600);
  EXPECT_THAT(cli::run_command({"keys", "connect", "--bundle", file("first/bundle.json"), "--kms", file("kms.json"),
                                "--out", file("connected")})
                  .err,
              HasSubstr("is sealed to a TPM; connect the bundle itself"));
  EXPECT_THAT([&] { attestation::ServiceBundle::parse(base::read_secret_file(file("first/bundle.json")), "acme"); },
              testing::ThrowsMessage<base::Error>(HasSubstr("bulkhead keys unseal opens it on its machine")));
}

}  // namespace
}  // namespace kms
