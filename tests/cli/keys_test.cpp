#include "cli/keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <filesystem>
#include <sstream>

#include "base/certificate.h"
#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "tests/temporary_folder.h"

namespace cli {
namespace {

class Keys : public testing::Test {
 protected:
  Keys() {}
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }
  [[nodiscard]] static unsigned mode_of(const std::string& path) {
    struct stat status{};
    ::stat(path.c_str(), &status);
    return status.st_mode & 07777U;
  }

  std::ostringstream out_, err_;
  Console console_{out_, err_};

 private:
  tests::TemporaryFolder folder_;
};

TEST_F(Keys, AreWrittenPrivateAndPublicAndNeverReplaced) {
  EXPECT_EQ(make_approval_key({file("acme")}, console_), 0);
  EXPECT_EQ(mode_of(file("acme.key")), 0600U);
  const auto key = base::PrivateKey::from_pem(base::read_file(file("acme.key")), "key");
  const auto shown = base::PublicKey::from_pem(base::read_file(file("acme.pub")), "pub");
  EXPECT_EQ(key.public_key().fingerprint(), shown.fingerprint());
  EXPECT_THROW(make_approval_key({file("acme")}, console_), base::Error);
  EXPECT_EQ(out_.str().find("PRIVATE"), std::string::npos);
}

TEST_F(Keys, OfAServiceGoWithTheWayToTheOwnersKms) {
  make_ca({.tenant = "acme", .out = file("ca")}, console_);
  make_service_bundle({"acme", "https://10.20.255.1:8443", file("ca.pem"), file("bundle")}, console_);
  base::write_file_atomically(file("token"), std::string_view("s.secret\n"), 0600);
  const auto connection = [&](const std::string& tenant, const std::string& method) {
    const base::Json document = base::Json::Object{
        {"schema", "bulkhead.kms-connection/v1"},
        {"tenant", tenant},
        {"openbao", base::Json::Object{{"url", "https://10.0.0.5:8200"},
                                       {"ca", file("ca.pem")},  // paths may be relative to the document
                                       {"login", base::Json::Object{{"method", method}, {"file", "token"}}}}}};
    base::write_file_atomically(file("kms.json"), document.compact(), 0644);
  };
  connection("acme", "token");
  const ConnectServiceOptions options{file("bundle"), file("kms.json"), file("connected")};
  EXPECT_EQ(connect_service(options, console_), 0);
  EXPECT_EQ(mode_of(file("connected")), 0600U);
  const base::Json before = base::Json::parse(base::read_file(file("bundle")), "bundle");
  base::Json after = base::Json::parse(base::read_file(file("connected")), "bundle");
  EXPECT_EQ(after.at("kms").at("files").at("token").text(), "s.secret\n");
  EXPECT_EQ(after.at("kms").at("files").at(file("ca.pem")).text(), base::read_file(file("ca.pem")));
  after.object().erase("kms");
  EXPECT_EQ(after, before) << "the bundle's own keys stay";
  EXPECT_EQ(out_.str().find("s.secret"), std::string::npos);
  EXPECT_THROW(connect_service(options, console_), base::Error) << "nothing is replaced";

  connection("rival", "token");
  EXPECT_THROW(connect_service({file("bundle"), file("kms.json"), file("other")}, console_), base::Error);
  connection("acme", "wrappedToken");
  EXPECT_THROW(connect_service({file("bundle"), file("kms.json"), file("other")}, console_), base::Error);
  connection("acme", "token");
  std::filesystem::permissions(file("token"), std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  EXPECT_THROW(connect_service({file("bundle"), file("kms.json"), file("other")}, console_), base::Error);
  EXPECT_FALSE(std::filesystem::exists(file("other")));
}

TEST_F(Keys, OfIdBlocksAreP384) {
  EXPECT_EQ(make_id_key({file("id")}, console_), 0);
  EXPECT_EQ(base::PublicKey::from_pem(base::read_file(file("id.pub")), "pub").algorithm(), "EC P-384");
}

TEST_F(Keys, OfAServiceStandUnderTheTenantsCaAndCarryNoOwnerCredential) {
  make_ca({.tenant = "acme", .out = file("ca")}, console_);
  EXPECT_EQ(make_service_bundle({"acme", "https://10.20.255.1:8443", file("ca.pem"), file("bundle")}, console_), 0);
  EXPECT_EQ(mode_of(file("bundle")), 0600U);
  const base::Json bundle = base::Json::parse(base::read_file(file("bundle")), "bundle");
  base::expect_members(bundle,
                       {"schema", "tenant", "url", "tlsKey", "tlsCertificate", "tokenKey", "tokenCertificate",
                        "storageKey", "guestCaKey", "guestCaCertificate"},
                       "bundle");
  const std::string ca = base::read_file(file("ca.pem"));
  EXPECT_EQ(base::certificate_problem(bundle.at("tlsCertificate").text(), ca, ::time(nullptr)), std::nullopt);
  const auto token_key = base::PrivateKey::from_pem(bundle.at("tokenKey").text(), "token key");
  EXPECT_EQ(base::certificate_key(bundle.at("tokenCertificate").text(), "bundle").fingerprint(),
            token_key.public_key().fingerprint());
  EXPECT_EQ(bundle.at("url").text(), "https://10.20.255.1:8443");
  const auto guest_ca = base::PrivateKey::from_pem(bundle.at("guestCaKey").text(), "guest CA");
  EXPECT_EQ(base::certificate_key(bundle.at("guestCaCertificate").text(), "bundle").fingerprint(),
            guest_ca.public_key().fingerprint());
  EXPECT_EQ(base::from_base64(bundle.at("storageKey").text()).value().size(), 32U);
}

class BadUrl : public Keys, public testing::WithParamInterface<std::string> {};

TEST_P(BadUrl, IsAUsageErrorBeforeAnythingIsWritten) {
  make_ca({.tenant = "acme", .out = file("ca")}, console_);
  EXPECT_THROW(make_service_bundle({"acme", GetParam(), file("ca.pem"), file("bundle")}, console_), base::Error);
  EXPECT_FALSE(std::filesystem::exists(file("bundle")));
}

INSTANTIATE_TEST_SUITE_P(Table, BadUrl,
                         testing::Values("", "10.0.0.1:8443", "http://10.0.0.1:8443", "https://10.0.0.1:99999",
                                         "https://10.0.0.1:8443/kbs", "https://a host:1", "https://:8443"));

TEST_F(Keys, CanBeShownWithTheirFingerprint) {
  make_ca({.tenant = "acme", .out = file("ca")}, console_);
  out_.str("");
  EXPECT_EQ(show_key({file("ca.pem"), true}, console_), 0);
  const base::Json json = base::Json::parse(out_.str(), "output");
  EXPECT_EQ(json.at("kind").text(), "certificate");
  EXPECT_EQ(json.at("certificateSha256").text(),
            base::certificate_fingerprint(base::read_file(file("ca.pem")), "ca").hex());
}

}  // namespace
}  // namespace cli
