#include <sys/stat.h>

#include <filesystem>

#include "base/posix_files.h"
#include "tests/attestation/service_fixture.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// An emulated tenant's approval, bundle, CA, and what its guests attested with.
class TrusteeRender : public testing::Test {
 protected:
  TrusteeRender() {
    must({"keys", "approval", "--out", file("owner")});
    must({"keys", "ca", "--tenant", "acme", "--out", file("ca")});
    must({"keys", "service", "--tenant", "acme", "--url", "https://192.0.2.7:8443", "--ca", file("ca.pem"), "--out",
          file("bundle.json")});
    base::Envelope envelope =
        attestation::approval_envelope({"acme", "emulated", {}, std::nullopt, {worker.approved(), control.approved()}});
    base::sign_envelope(envelope,
                        base::KeySigner(base::PrivateKey::from_pem(base::read_file(file("owner.key")), "key")));
    base::write_file_atomically(file("approval.json"), envelope.json().compact(), 0644);
    write_evidence(worker, "worker.json");
    write_evidence(control, "control.json");
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder.file(name); }
  static void must(const std::vector<std::string>& words) {
    const Ran ran = run_command(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
  }
  void write_evidence(fake::Guest& guest, const std::string& name) const {
    namespace wire = attestation::wire;
    const wire::RuntimeData runtime{"nonce", base::EcdhKey().point()};
    const wire::TpmEvidence evidence = guest.evidence(base::Buffer(32));
    base::write_file_atomically(file(name), wire::AttestRequest{guest.init_data(), runtime, evidence.json(), ""}.text(),
                                0644);
  }
  Ran render(const std::vector<std::string>& evidence, const std::string& key = "owner.pub",
             const std::string& tenant = "acme") {
    std::vector<std::string> words{"trustee",
                                   "render",
                                   "--tenant",
                                   tenant,
                                   "--approval",
                                   file("approval.json"),
                                   "--approval-key",
                                   file(key),
                                   "--service-bundle",
                                   file("bundle.json"),
                                   "--ca",
                                   file("ca.pem"),
                                   "--directory",
                                   "/srv/acme",
                                   "--out",
                                   file("out")};
    for (const std::string& name : evidence) words.insert(words.end(), {"--evidence", file(name)});
    return run_command(words);
  }
  [[nodiscard]] std::string written(const std::string& name) const { return base::read_file(file("out/" + name)); }

  tests::TemporaryFolder folder;
  fake::Guest worker{"worker/0"}, control{"control/0"};
};

TEST_F(TrusteeRender, WritesEverythingThatTrusteeStartsFrom) {
  const Ran ran = render({"worker.json", "control.json"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const std::string config = written("kbs-config.toml");
  EXPECT_THAT(config, HasSubstr("sockets = [\"192.0.2.7:8443\"]"));
  EXPECT_THAT(config, HasSubstr("dir_path = \"/srv/acme/storage\""));
  EXPECT_THAT(config, HasSubstr("authorization_mode = \"DenyAll\""));
  EXPECT_THAT(config, HasSubstr("insecure_header_jwk = false"));
  EXPECT_THAT(config, Not(HasSubstr("@")));
  EXPECT_THAT(written("storage/attestation_service_policy/default_cpu.rego"), HasSubstr("\"worker/0\""));
  EXPECT_THAT(written("storage/kbs/resource-policy.rego"), HasSubstr("default allow := false"));
  const base::Json value = base::Json::parse(written("storage/reference_value/trusted_ak_worker-0"), "value");
  EXPECT_EQ(value.at("name").text(), "trusted_ak_worker-0");
  EXPECT_EQ(value.at("expiration").text(), "9999-12-31T23:59:59Z");
  EXPECT_EQ(value.at("value").array().at(0).text(), base::base64(worker.public_key()));
  EXPECT_THAT(written("keys/token-chain.pem"), HasSubstr(written("keys/ca.pem")));
  EXPECT_EQ(std::filesystem::status(file("out/keys/token.key")).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(render({"worker.json", "control.json"}).code, 1) << "it replaces nothing";
}

TEST_F(TrusteeRender, PutsNoSecretAnywhereButInTheKeyFiles) {
  ASSERT_EQ(render({"worker.json", "control.json"}).code, 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(file("out"))) {
    if (!entry.is_regular_file() || entry.path().extension() == ".key") continue;
    EXPECT_THAT(base::read_file(entry.path()), Not(HasSubstr("PRIVATE"))) << entry.path();
  }
}

TEST_F(TrusteeRender, NamesTheGuestWhoseKeyIsMissing) {
  const Ran ran = render({"control.json"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("the enrolled key of worker/0 is not given"));
  EXPECT_FALSE(std::filesystem::exists(file("out")));
  EXPECT_EQ(render({"worker.json", "worker.json"}).code, 64);
}

TEST_F(TrusteeRender, RefusesAnApprovalThatAnOwnerDidNotSignAndAnotherTenants) {
  must({"keys", "approval", "--out", file("other")});
  EXPECT_EQ(render({"worker.json", "control.json"}, "other.pub").code, 1);
  EXPECT_NE(render({"worker.json", "control.json"}, "owner.pub", "globex").code, 0);
}

}  // namespace
}  // namespace cli
