#include <gmock/gmock.h>

#include <ctime>
#include <filesystem>
#include <memory>

#include "attestation/approval.h"
#include "base/certificate.h"
#include "base/posix_process.h"
#include "cli/launch_report.h"
#include "cli/output_format.h"
#include "cli/signers.h"
#include "measurement/corim.h"
#include "tests/attestation/attestd_process.h"
#include "tests/attestation/service_fixture.h"
#include "tests/cli/pinned_tenant.h"
#include "tests/cli/run_command.h"
#include "tests/measurement/firmware_image.h"
#include "tests/software_token.h"

namespace cli {
namespace {

using base::Json;
using testing::HasSubstr;
using testing::Not;

/// An owner of initech's who has all four keys in a token "initech", made there by the verbs.
class TokenOwner : public PinnedTenant {
 protected:
  void SetUp() override {
    if (tests::softhsm_library().empty()) GTEST_SKIP() << "needs softhsm2";
    for (const char* name : {"initech-approval.key", "initech-approval.pub", "initech-ca.key", "initech-ca.pem"})
      std::filesystem::remove(file(name));
    start();
  }
  void start(const std::string& configuration = "") {
    tokens_.reset();
    tokens_ = std::make_unique<tests::SoftwareTokens>(configuration);
    tokens_->add_token("initech");
  }
  [[nodiscard]] const tests::SoftwareTokens& tokens() const { return *tokens_; }
  [[nodiscard]] std::string uri(const std::string& object, const std::string& pin = "pin") const {
    return "pkcs11:token=initech;object=" + object + "?module-path=" + tests::softhsm_library() +
           "&pin-source=file:" + tokens_->file(pin);
  }
  [[nodiscard]] Ran make(const std::string& kind, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{"keys", kind, "--token", uri(kind), "--out", file("initech-" + kind)};
    words.insert(words.end(), more.begin(), more.end());
    return run_command(words);
  }
  [[nodiscard]] Ran make_ca() const { return make("ca", {"--tenant", "initech"}); }
  /// Runs a verb that signs with the CA in the token.
  [[nodiscard]] Ran under_ca(const std::string& verb, const std::string& out, const std::vector<std::string>& more = {},
                             const std::string& key = "ca") const {
    std::vector<std::string> words{"keys",     verb,     "--tenant", "initech", "--ca", file("initech-ca.pem"),
                                   "--ca-key", uri(key), "--out",    file(out)};
    words.insert(words.end(), more.begin(), more.end());
    return run_command(words);
  }
  /// OpenSSL's command line, which knows nothing of ours.
  void expect_openssl_verifies(const std::string& certificate, const std::vector<std::string>& more = {}) const {
    base::write_file_atomically(file("leaf"), certificate, 0644);
    std::vector<std::string> words{"openssl", "verify", "-x509_strict", "-CAfile", file("initech-ca.pem")};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(file("leaf"));
    EXPECT_THAT(base::run_or_throw(words), HasSubstr(": OK"));
  }
  static void expect_done(const Ran& ran) { ASSERT_EQ(ran.code, 0) << ran.err; }
  void expect_refused(const Ran& ran, int code, const std::string& message, const std::string& out) const {
    EXPECT_EQ(ran.code, code) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(file(out)));
  }

 private:
  tests::LeaksOfSofthsm leaks_;  // every test signs with an Ed25519 approval key there
  std::unique_ptr<tests::SoftwareTokens> tokens_;
};

TEST_F(TokenOwner, HasNoPrivateKeyInAnyFile) {
  expect_done(make("approval"));
  expect_done(make("id"));
  expect_done(make("author"));
  expect_done(make_ca());
  for (const auto& [kind, suffix, algorithm] :
       {std::tuple{"approval", ".pub", "Ed25519"}, std::tuple{"id", ".pub", "EC P-384"},
        std::tuple{"author", ".pub", "EC P-384"}, std::tuple{"ca", ".pem", "EC P-256"}}) {
    const std::string out = file(std::string("initech-") + kind);
    EXPECT_FALSE(std::filesystem::exists(out + ".key")) << kind;
    EXPECT_EQ(std::filesystem::status(out + suffix).permissions(), std::filesystem::perms(0644)) << kind;
    const Ran in_token = run_command({"keys", "show", uri(kind), "--json"}),
              in_file = run_command({"keys", "show", out + suffix, "--json"});
    expect_done(in_token);
    const Json shown = Json::parse(in_token.out, "output");
    EXPECT_EQ(shown.at("kind").text(), "keyInToken");
    EXPECT_EQ(shown.at("algorithm").text(), algorithm);
    EXPECT_EQ(shown.at("publicKeySha256"), Json::parse(in_file.out, "output").at("publicKeySha256")) << kind;
  }
}

TEST_F(TokenOwner, IsToldHowToNameTheKey) {
  const Ran made = make("approval");
  EXPECT_THAT(made.out, HasSubstr("private: stays in the token; name it as '" + uri("approval") + "'"));
  EXPECT_THAT(made.out, Not(HasSubstr("1234")));
  EXPECT_THAT(run_command({"keys", "show", uri("approval")}).out, HasSubstr("BEGIN PUBLIC KEY"));
}

TEST_F(TokenOwner, IssuesUnderACaWhoseKeyIsInTheToken) {
  expect_done(make_ca());
  const std::string ca = base::read_file(file("initech-ca.pem"));
  expect_openssl_verifies(ca);
  expect_done(under_ca("service", "bundle", {"--url", "https://10.77.255.1:8443"}));
  const Json bundle = Json::parse(base::read_file(file("bundle")), "bundle");
  EXPECT_EQ(base::certificate_problem(bundle.at("tlsCertificate").text(), ca, std::time(nullptr)), std::nullopt);
  expect_openssl_verifies(bundle.at("tlsCertificate").text(), {"-purpose", "sslserver", "-verify_ip", "10.77.255.1"});
  expect_openssl_verifies(bundle.at("tokenCertificate").text());
  expect_openssl_verifies(bundle.at("guestCaCertificate").text());
  expect_done(under_ca("token", "token-key"));
  expect_openssl_verifies(Json::parse(base::read_file(file("token-key")), "token key").at("tokenCertificate").text());
  expect_done(under_ca("owner", "alice", {"--name", "alice"}));
  expect_openssl_verifies(base::read_file(file("alice.pem")), {"-purpose", "sslclient"});
}

TEST_F(TokenOwner, RunsAServiceUnderThatCaThatTakesItsApproval) {
  expect_done(make_ca());
  expect_done(make("approval", {"--algorithm", "p384"}));
  attestation::AttestdProcess program{file("admin.sock"), file("lock")};
  std::filesystem::create_directories(file("state"));
  expect_done(run_command({"keys", "service", "--tenant", "acme", "--url", program.url(), "--ca",
                           file("initech-ca.pem"), "--ca-key", uri("ca"), "--out", file("state/bundle.json")}));
  const Json config = Json::Object{{"approvalKeys", base::Json::Array{base::read_file(file("initech-approval.pub"))}},
                                   {"ca", base::read_file(file("initech-ca.pem"))}};
  base::write_file_atomically(file("state/config.json"), config.compact(), 0600);
  program.start(file("state"));
  const auto answer = program.client(base::read_file(file("initech-ca.pem")))->get("/.well-known/jwks.json");
  EXPECT_EQ(answer.status, 200U) << answer.body;
  EXPECT_THAT(answer.body, HasSubstr("x5c"));

  const fake::Guest worker{"worker/0"};
  base::Envelope envelope = attestation::approval_envelope({"acme", "emulated", {}, std::nullopt, {worker.approved()}});
  base::sign_envelope(envelope, base::KeySigner(base::PrivateKey::generate(base::PrivateKey::Type::p384)));
  EXPECT_THROW(program.admin->put_approval(envelope.json().compact()), base::Error) << "signed by a stranger alone";
  base::sign_envelope(envelope, *open_signer(uri("approval")));
  program.admin->put_approval(envelope.json().compact());
  EXPECT_TRUE(program.admin->state().intent_digest.has_value());
}

/// Of a launch, signed with that key.
measurement::CorimDocument reference_values(const std::string& key) {
  std::ostringstream out, err;
  Console console{out, err};
  LaunchReport report;
  report.tee = "snp";
  report.launch_digest = std::string(96, 'a');
  write_report(report, {.format = "corim", .sign_key = key}, console);
  return measurement::parse_corim(base::bytes_of(out.str()), "corim");
}

TEST_F(TokenOwner, SignsReferenceValuesWithKeysOfEachKind) {
  expect_done(make("approval"));
  expect_done(make_ca());
  expect_done(make("id"));
  for (const auto& [kind, suffix] : {std::pair{"approval", ".pub"}, std::pair{"ca", ".pem"}, std::pair{"id", ".pub"}}) {
    const std::string text = base::read_file(file(std::string("initech-") + kind + suffix));
    const base::PublicKey key =
        std::string(suffix) == ".pem" ? base::certificate_key(text, kind) : base::PublicKey::from_pem(text, kind);
    EXPECT_TRUE(reference_values(uri(kind)).signature.value().verifies(key)) << kind;
  }
}

class TokenApproval : public TokenOwner, public testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(TokenApproval, IsVerifiedWithTheIdBlocksThatTheTokenSigned) {
  const auto& [algorithm, name] = GetParam();
  base::write_file_atomically(file("firmware"), measurement::firmware_image::firmware(), 0644);
  ::setenv("XDG_CACHE_HOME", file("cache").c_str(), 1);
  expect_done(make("approval", {"--algorithm", algorithm}));
  expect_done(make("id"));
  expect_done(make("author"));
  expect_done(make_ca());
  write_tenant("snp", "EPYC-Milan", "      idKey: \"" + uri("id") + "\"\n      authorKey: initech-author.pub\n");
  const Ran planned = run_command({"plan", file("initech.yaml"), file("site.yaml"), "--out", file(""), "--offline"});
  ASSERT_EQ(planned.code, 2) << planned.err;
  const Ran approved =
      run_command({"approve", file("initech.yaml"), file("site.yaml"), "--plan", file("initech.plan.json"), "--key",
                   uri("approval"), "--author-key", uri("author"), "--out", file("approval")});
  ::unsetenv("XDG_CACHE_HOME");
  expect_done(approved);
  EXPECT_THAT(approved.out, Not(HasSubstr("still missing")));

  const base::Envelope envelope = base::Envelope::parse(base::read_file(file("approval")), "approval");
  const base::PublicKey key = base::PublicKey::from_pem(base::read_file(file("initech-approval.pub")), "key");
  EXPECT_EQ(key.algorithm(), name);
  const attestation::Approval approval = attestation::verified_approval(envelope, {key}, "initech", 0);
  EXPECT_EQ(approval.id_blocks.size(), 2U);
  base::Envelope other = envelope;
  other.payload += " ";
  EXPECT_THROW(attestation::verified_approval(other, {key}, "initech", 0), base::Error);
}

INSTANTIATE_TEST_SUITE_P(Kinds, TokenApproval,
                         testing::Values(std::pair{"ed25519", "Ed25519"}, std::pair{"p384", "EC P-384"}));

TEST_F(TokenOwner, SignsIdBlocksWithKeysMadeThere) {
  expect_done(make("id"));
  expect_done(make("author"));
  expect_done(run_command({"id-block", "make", "--measurement", std::string(96, 'a'), "--id-key", uri("id"),
                           "--author-key", uri("author"), "--out-block", file("block"), "--out-auth", file("auth")}));
  EXPECT_EQ(run_command({"id-block", "verify", file("block"), file("auth"), "--id-key", file("initech-id.pub"),
                         "--author-key", file("initech-author.pub")})
                .code,
            0);
}

TEST_F(TokenOwner, MakesTheKeyThatWrapsTheTenantsKeysThere) {
  const std::vector<std::string> words{"keys", "wrapping", "--token", uri("kek")};
  const Ran made = run_command(words);
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_THAT(made.out, HasSubstr("'" + uri("kek") + "'"));
  EXPECT_EQ(run_command(words).code, 1) << "it replaces nothing";
  EXPECT_EQ(run_command({"keys", "wrapping"}).code, 64);
}

TEST_F(TokenOwner, NeverLosesAKeyToANewOne) {
  expect_done(make("approval"));
  const std::string before = base::read_file(file("initech-approval.pub"));
  const Ran again = make("approval");
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, HasSubstr("initech-approval.pub exists already and is not replaced; no key was made"));
  expect_refused(run_command({"keys", "id", "--token", uri("approval"), "--out", file("other")}), 1,
                 "has a key of that object already", "other.pub");
  EXPECT_EQ(base::read_file(file("initech-approval.pub")), before);
  EXPECT_EQ(run_command({"keys", "show", uri("approval")}).code, 0);
}

TEST_F(TokenOwner, IsToldWhatIsWrongBeforeAnythingIsMade) {
  base::write_file_atomically(tokens().file("wrong"), std::string_view("4321\n"), 0600);
  base::write_file_atomically(tokens().file("open"), std::string_view("1234\n"), 0644);
  const auto id_in = [&](const std::string& token) {
    return run_command({"keys", "id", "--token", token, "--out", file("key")});
  };
  expect_refused(id_in(uri("id", "wrong")), 4, "cannot log in", "key.pub");
  expect_refused(id_in(uri("id", "open")), 1, "others than its owner may read", "key.pub");
  expect_refused(id_in(uri("id", "absent")), 1, "cannot read", "key.pub");
  expect_refused(id_in("pkcs11:token=globex;object=id?module-path=" + tests::softhsm_library()), 1, "fits 0 tokens",
                 "key.pub");
  expect_refused(id_in("pkcs11:token=initech?module-path=" + tests::softhsm_library() + tokens().pin_source()), 64,
                 "names no object", "key.pub");
  expect_refused(id_in("initech-token"), 64, "wanted a URI of RFC 7512", "key.pub");
  expect_refused(run_command({"keys", "id", "--token", uri("id"), "--out", file("nowhere/key")}), 1, "nowhere/key.pub",
                 "nowhere/key.pub");
  EXPECT_THAT(run_command({"keys", "show", uri("id")}).err, HasSubstr("fits no private keys"));
}

TEST_F(TokenOwner, IsToldOfTheOtherAlgorithmWhenTheTokenHasNoEd25519) {
  start("slots.mechanisms = CKM_ECDSA,CKM_EC_KEY_PAIR_GEN\n");
  expect_refused(make("approval"), 1,
                 "no CKM_EC_EDWARDS_KEY_PAIR_GEN, which an Ed25519 key wants; --algorithm p384 makes",
                 "initech-approval.pub");
  expect_done(make("approval", {"--algorithm", "p384"}));
}

TEST_F(TokenOwner, SignsWithTheKeyOfThatCaOnly) {
  expect_done(make_ca());
  expect_done(run_command({"keys", "ca", "--tenant", "globex", "--token", uri("other"), "--out", file("globex-ca")}));
  expect_refused(under_ca("token", "key", {}, "other"), 1, "CA key: its public key has SHA-256 ", "key");
  expect_refused(under_ca("owner", "alice", {"--name", "alice"}, "other"), 1, "wanted the one of ", "alice.pem");
  expect_refused(
      run_command({"keys", "token", "--tenant", "initech", "--ca", file("initech-ca.pem"), "--out", file("key")}), 1,
      "initech-ca.key", "key");
}

TEST_F(TokenOwner, RotatesKeysInTheTokenAndWhatIsUnderItsCa) {
  expect_done(make("approval", {"--algorithm", "p384"}));
  expect_done(make_ca());
  const auto rotate = [&](const std::string& old, const std::string& out, const std::vector<std::string>& more) {
    std::vector<std::string> words{"keys", "rotate", file(old), "--out", file(out)};
    words.insert(words.end(), more.begin(), more.end());
    return run_command(words);
  };
  const Ran next = rotate("initech-approval.pub", "next", {"--token", uri("approval-2")});
  expect_done(next);
  EXPECT_THAT(next.out, HasSubstr("stays in the token"));
  EXPECT_FALSE(std::filesystem::exists(file("next.key")));
  EXPECT_THAT(run_command({"keys", "show", uri("approval-2")}).out,
              HasSubstr(base::PublicKey::from_pem(base::read_file(file("next.pub")), "next").fingerprint().hex()));
  expect_done(rotate("initech-ca.pem", "next-ca", {"--token", uri("ca-2")}));
  expect_done(under_ca("service", "bundle", {"--url", "https://10.77.255.1:8443"}));
  expect_done(under_ca("owner", "alice", {"--name", "alice"}));
  const std::vector<std::string> same_ca{"--ca", file("initech-ca.pem"), "--ca-key", uri("ca")};
  expect_done(rotate("bundle", "next-bundle", same_ca));
  expect_done(rotate("alice.pem", "alice-2", same_ca));
  const Json bundle = Json::parse(base::read_file(file("next-bundle")), "bundle");
  expect_openssl_verifies(bundle.at("tlsCertificate").text(), {"-purpose", "sslserver"});
  expect_done(rotate("bundle", "under-next", {"--ca", file("next-ca.pem"), "--ca-key", uri("ca-2"), "--other-ca"}));
  EXPECT_EQ(rotate("bundle", "no", {"--ca", file("initech-ca.pem"), "--ca-key", uri("ca-2")}).code, 1);
  EXPECT_EQ(rotate("bundle", "no", {"--ca", file("initech-ca.pem"), "--token", uri("new")}).code, 64);
}

TEST_F(TokenOwner, KeepsKeysThatOpenThingsInFiles) {
  for (const char* kind : {"backup", "recovery"}) EXPECT_EQ(make(kind).code, 64) << kind;
}

}  // namespace
}  // namespace cli
