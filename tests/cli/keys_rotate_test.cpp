#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>

#include "base/certificate.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "base/x509.h"
#include "tests/cli/run_command.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class KeysRotate : public testing::Test {
 protected:
  KeysRotate() {
    must({"keys", "ca", "--tenant", "acme", "--out", file("ca"), "--days", "40"});
    must({"keys", "service", "--tenant", "acme", "--url", "https://10.20.255.1:8443", "--ca", file("ca.pem"), "--out",
          file("bundle")});
  }
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] std::string content(const std::string& name) const { return base::read_file(file(name)); }
  [[nodiscard]] base::Json json(const std::string& name) const { return base::Json::parse(content(name), name); }
  static Ran must(const std::vector<std::string>& words) {
    Ran ran = run_command(words);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return ran;
  }
  Ran rotate(const std::string& old, const std::string& out, const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"keys", "rotate", file(old), "--out", file(out)};
    words.insert(words.end(), more.begin(), more.end());
    return run_command(words);
  }
  [[nodiscard]] unsigned mode_of(const std::string& name) const {
    struct stat status{};
    ::stat(file(name).c_str(), &status);
    return status.st_mode & 07777U;
  }
  [[nodiscard]] bool is_there(const std::string& name) const { return std::filesystem::exists(file(name)); }

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(KeysRotate, OfABundleMakesEveryKeyAnewButTheStorageKey) {
  const std::string before = content("bundle");
  const Ran ran = rotate("bundle", "next", {"--ca", file("ca.pem"), "--days", "30"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(content("bundle"), before) << "the old one is never touched";
  EXPECT_EQ(mode_of("next"), 0600U);
  const base::Json old = json("bundle"), next = json("next");
  for (const char* same : {"schema", "tenant", "url", "storageKey"}) EXPECT_EQ(next.at(same), old.at(same)) << same;
  for (const char* other :
       {"tlsKey", "tlsCertificate", "tokenKey", "tokenCertificate", "guestCaKey", "guestCaCertificate"})
    EXPECT_NE(next.at(other), old.at(other)) << other;
  EXPECT_EQ(next.object().size(), old.object().size());
  EXPECT_EQ(base::certificate_problem(next.at("tlsCertificate").text(), content("ca.pem"), ::time(nullptr)),
            std::nullopt);
  EXPECT_EQ(base::certificate_key(next.at("guestCaCertificate").text(), "next").der(),
            base::PrivateKey::from_pem(next.at("guestCaKey").text(), "next").public_key().der());
  EXPECT_THAT(ran.out, HasSubstr("apply --service-bundle"));
  EXPECT_THAT(ran.out, HasSubstr(base::certificate_key(old.at("tlsCertificate").text(), "old").fingerprint().hex()));
  EXPECT_THAT(ran.out, Not(HasSubstr("PRIVATE")));
  EXPECT_THAT(ran.out, Not(HasSubstr(old.at("storageKey").text())));
  EXPECT_EQ(rotate("bundle", "next", {"--ca", file("ca.pem")}).code, 1) << "nothing is replaced";
}

TEST_F(KeysRotate, SaysWhenTheCaEndsBeforeWhatIsUnderIt) {
  EXPECT_THAT(rotate("bundle", "next", {"--ca", file("ca.pem")}).out, HasSubstr(", when the tenant's CA ends\n"));
  EXPECT_THAT(rotate("bundle", "other", {"--ca", file("ca.pem"), "--days", "30"}).out, Not(HasSubstr("CA ends")));
}

TEST_F(KeysRotate, OfABundleKeepsTheWayToItsKms) {
  base::Json bundle = json("bundle");
  bundle["kms"] = base::Json::Object{
      {"connection",
       base::Json::Object{
           {"schema", "bulkhead.kms-connection/v1"},
           {"tenant", "acme"},
           {"openbao", base::Json::Object{{"url", "https://10.0.0.5:8200"},
                                          {"ca", "ca.pem"},
                                          {"login", base::Json::Object{{"method", "token"}, {"file", "token"}}}}}}},
      {"files", base::Json::Object{{"token", "s.secret"}}}};
  base::write_file_atomically(file("bundle"), bundle.pretty(), 0600);
  const Ran ran = rotate("bundle", "next", {"--ca", file("ca.pem")});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(json("next").at("kms"), bundle.at("kms"));
  EXPECT_THAT(ran.out, HasSubstr("so does the way to the KMS"));
  EXPECT_THAT(ran.out, Not(HasSubstr("s.secret")));
}

TEST_F(KeysRotate, OfABundleWithAStorageKeyKeepsTheOneBeforeAndOnlyThat) {
  ASSERT_EQ(rotate("bundle", "second", {"--ca", file("ca.pem"), "--storage-key"}).code, 0);
  EXPECT_EQ(json("second").at("previousStorageKey"), json("bundle").at("storageKey"));
  EXPECT_NE(json("second").at("storageKey"), json("bundle").at("storageKey"));
  ASSERT_EQ(rotate("second", "third", {"--ca", file("ca.pem"), "--storage-key"}).code, 0);
  EXPECT_EQ(json("third").at("previousStorageKey"), json("second").at("storageKey"));
  EXPECT_THAT(content("third"), Not(HasSubstr(json("bundle").at("storageKey").text())));
}

TEST_F(KeysRotate, OfABundleRefusesAnotherCaAndOneWithAnotherKey) {
  must({"keys", "ca", "--tenant", "acme", "--out", file("other")});
  const Ran other = rotate("bundle", "next", {"--ca", file("other.pem")});
  EXPECT_EQ(other.code, 1);
  EXPECT_THAT(other.err, HasSubstr("was made under another CA than"));
  EXPECT_EQ(rotate("bundle", "next", {"--ca", file("ca.pem"), "--other-ca"}).code, 64);
  std::filesystem::copy_file(file("other.key"), file("ca.key"), std::filesystem::copy_options::overwrite_existing);
  EXPECT_NE(rotate("bundle", "next", {"--ca", file("ca.pem")}).code, 0);
  EXPECT_FALSE(is_there("next"));
}

TEST_F(KeysRotate, OfABundleFromBeforeItHadAUrlIsToldIt) {
  base::Json bundle = json("bundle");
  bundle.object().erase("url");
  base::write_file_atomically(file("bundle"), bundle.pretty(), 0600);
  EXPECT_EQ(rotate("bundle", "next", {"--ca", file("ca.pem")}).code, 64);
  ASSERT_EQ(rotate("bundle", "next", {"--ca", file("ca.pem"), "--url", "https://10.20.255.1:8443"}).code, 0);
  EXPECT_EQ(json("next").at("url").text(), "https://10.20.255.1:8443");
  EXPECT_EQ(rotate("next", "more", {"--ca", file("ca.pem"), "--url", "https://10.20.255.2:8443"}).code, 64);
}

TEST_F(KeysRotate, OfAnOwnerIsThatOwnerWithAnotherKey) {
  must({"keys", "owner", "--tenant", "acme", "--ca", file("ca.pem"), "--name", "alice", "--out", file("alice")});
  const Ran ran = rotate("alice.pem", "alice2", {"--ca", file("ca.pem")});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(mode_of("alice2.key"), 0600U);
  const auto certificate = [&](const std::string& name) {
    return base::parse_x509(base::bytes_of(content(name)), name).certificates.at(0);
  };
  const char* const alternative_names = "2.5.29.17";
  EXPECT_EQ(certificate("alice2.pem").subject(), certificate("alice.pem").subject());
  EXPECT_EQ(certificate("alice2.pem").extension(alternative_names),
            certificate("alice.pem").extension(alternative_names));
  EXPECT_NE(certificate("alice2.pem").public_key().der(), certificate("alice.pem").public_key().der());
  EXPECT_EQ(base::certificate_problem(content("alice2.pem"), content("ca.pem"), ::time(nullptr)), std::nullopt);
  EXPECT_THAT(ran.out, HasSubstr("identity of owner alice of acme"));
  EXPECT_EQ(rotate("alice.pem", "alice", {"--ca", file("ca.pem")}).code, 1) << "it would replace her";
  EXPECT_EQ(rotate("alice.pem", "alice3").code, 64) << "--ca is missing";
}

TEST_F(KeysRotate, OfACaHasItsNameAndAnotherKey) {
  const Ran ran = rotate("ca.pem", "ca2");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto certificate = base::parse_x509(base::bytes_of(content("ca2.pem")), "ca2").certificates.at(0);
  EXPECT_EQ(certificate.subject(), "CN=acme CA");
  EXPECT_EQ(certificate.subject(), certificate.issuer());
  EXPECT_NE(certificate.public_key().der(), base::certificate_key(content("ca.pem"), "ca").der());
  EXPECT_TRUE(base::allows_ca_below(content("ca2.pem"), "ca2"));
  EXPECT_EQ(mode_of("ca2.key"), 0600U);
  EXPECT_THAT(ran.out, HasSubstr("every guest has other initdata"));
  must({"keys", "service", "--tenant", "acme", "--url", "https://10.20.255.1:8443", "--ca", file("ca2.pem"), "--out",
        file("under2")});
}

TEST_F(KeysRotate, OfAPublicKeyAreOfTheSameKind) {
  struct Case {
    const char *verb, *algorithm, *step;
  };
  for (const Case& one : {Case{"approval", "Ed25519", "approvalKey"}, Case{"id", "EC P-384", "idKey or authorKey"},
                          Case{"author", "EC P-384", "idKey or authorKey"}, Case{"backup", "EC P-256", "backup key"},
                          Case{"recovery", "EC P-256", "recoveryKey"}}) {
    const std::string old = one.verb, next = old + "2";
    must({"keys", old, "--out", file(old)});
    const Ran ran = rotate(old + ".pub", next);
    ASSERT_EQ(ran.code, 0) << ran.err;
    const auto key = base::PublicKey::from_pem(content(next + ".pub"), next);
    EXPECT_EQ(key.algorithm(), one.algorithm);
    EXPECT_EQ(key.der(), base::PrivateKey::from_pem(content(next + ".key"), next).public_key().der());
    EXPECT_NE(key.der(), base::PublicKey::from_pem(content(old + ".pub"), old).der());
    EXPECT_THAT(ran.out, HasSubstr(one.step));
    EXPECT_THAT(ran.out, HasSubstr(key.fingerprint().hex()));
  }
}

TEST_F(KeysRotate, NeverReplacesThePublicPartOfAKeyThatIsElsewhere) {
  must({"keys", "id", "--out", file("id")});
  std::filesystem::remove(file("id.key"));  // as of one in a token
  const std::string before = content("id.pub");
  EXPECT_EQ(rotate("id.pub", "id").code, 1);
  EXPECT_EQ(content("id.pub"), before);
  EXPECT_FALSE(is_there("id.key"));
}

TEST_F(KeysRotate, RefusesWhatItCannotFollowOn) {
  must({"keys", "approval", "--out", file("owner")});
  must({"keys", "token", "--tenant", "acme", "--ca", file("ca.pem"), "--out", file("token")});
  struct Case {
    std::string old;
    std::vector<std::string> more;
    int code;
    const char* words;
  };
  base::write_file_atomically(file("empty"), std::string_view(), 0600);
  base::write_file_atomically(file("half"), content("bundle").substr(0, 200), 0600);
  base::write_file_atomically(file("open"), content("bundle"), 0644);
  base::write_file_atomically(file("leaf.pem"), json("bundle").at("tlsCertificate").text(), 0644);
  for (const Case& one : {Case{"owner.key", {}, 64, "is a private key"}, Case{"token", {}, 64, "bulkhead keys token"},
                          Case{"empty", {}, 3, "empty"}, Case{"half", {}, 3, "half"},
                          Case{"open", {"--ca", file("ca.pem")}, 1, "others than its owner may read"},
                          Case{"bundle", {}, 64, "--ca"}, Case{"absent", {}, 1, "absent"},
                          Case{"leaf.pem", {"--ca", file("ca.pem")}, 1, "neither a CA's nor an owner's identity"},
                          Case{"owner.pub", {"--ca", file("ca.pem")}, 64, "leave out --ca"},
                          Case{"owner.pub", {"--storage-key"}, 64, "leave out --storage-key"},
                          Case{"owner.pub", {"--days", "3"}, 64, "leave out --days"},
                          Case{"ca.pem", {"--ca", file("ca.pem")}, 64, "leave out --ca"}}) {
    const Ran ran = rotate(one.old, "next", one.more);
    EXPECT_EQ(ran.code, one.code) << one.old << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(one.words)) << one.old;
    EXPECT_FALSE(is_there("next") || is_there("next.key") || is_there("next.pem")) << one.old;
  }
}

}  // namespace
}  // namespace cli
