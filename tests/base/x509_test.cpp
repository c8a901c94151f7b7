#include "base/x509.h"

#include <gmock/gmock.h>

#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_process.h"
#include "tests/pki/openssl_vendor_pki.h"

namespace base {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;
using vendor_pki::Identity;
using vendor_pki::KeyType;

constexpr std::int64_t now = 1'790'000'000;

const Identity& vendor() {
  static const Identity made = vendor_pki::issue({.common_name = "ARK-Test",
                                                  .not_before = now,
                                                  .not_after = now + 60,
                                                  .serial = 0x010203,
                                                  .ca = true,
                                                  .extensions = {{"1.3.6.1.4.1.3704.1.4", {1, 2, 3}}}},
                                                 vendor_pki::make_key(KeyType::p384));
  return made;
}

TEST(X509, HasTheFieldsOfItsCertificate) {
  const X509Certificate& certificate = vendor().certificate;
  EXPECT_EQ(certificate.subject(), "CN=ARK-Test");
  EXPECT_EQ(certificate.issuer(), "CN=ARK-Test");
  EXPECT_EQ(certificate.common_name(), "ARK-Test");
  EXPECT_THAT(certificate.serial(), ElementsAre(1, 2, 3));
  EXPECT_EQ(certificate.not_before(), now);
  EXPECT_EQ(certificate.not_after(), now + 60);
  EXPECT_EQ(certificate.public_key().algorithm(), "EC P-384");
  EXPECT_THAT(certificate.extension("1.3.6.1.4.1.3704.1.4").value(), ElementsAre(1, 2, 3));
  EXPECT_EQ(certificate.extension("1.3.6.1.4.1.3704.1.5"), std::nullopt);
}

// OpenSSL's own command line is the second opinion.
TEST(X509, HasTheFingerprintThatOpenSslSays) {
  std::string text = run_or_throw({"openssl", "x509", "-noout", "-fingerprint", "-sha256"}, {.input = vendor().pem()});
  std::erase(text, ':');
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  EXPECT_THAT(text, HasSubstr(vendor().certificate.fingerprint().hex()));
}

TEST(X509, NamesWithControlCharactersAreEscaped) {
  const Identity odd = vendor_pki::issue({.common_name = "a\x1b[31m\xc3\xa9", .not_before = now, .not_after = now},
                                         vendor_pki::make_key(KeyType::p256));
  EXPECT_EQ(odd.certificate.subject(), "CN=a\\1B[31m\\C3\\A9");
}

TEST(X509, ListsHaveTheirTimesAndNumberOfEntries) {
  const auto list = vendor_pki::revoke({now, now + 60, {1, 2, 3}}, vendor(), vendor());
  EXPECT_EQ(list.issuer(), "CN=ARK-Test");
  EXPECT_EQ(list.this_update(), now);
  EXPECT_EQ(list.next_update(), now + 60);
  EXPECT_EQ(list.size(), 3U);
  EXPECT_EQ(list.number(), std::nullopt);
}

TEST(X509, AreReadFromDerAndFromPemBundles) {
  const auto list = vendor_pki::revoke({now, now + 60}, vendor(), vendor());
  EXPECT_EQ(parse_x509(vendor().certificate.der(), "c").certificates.size(), 1U);
  EXPECT_EQ(parse_x509(list.der(), "c").revocation_lists.size(), 1U);
  const std::string bundle = "subject=CN = ARK\n" + vendor().pem() + "\n" + vendor().pem() +
                             "-----BEGIN X509 CRL-----\n" + base64(list.der()) + "\n-----END X509 CRL-----\n" +
                             std::string(1, '\0');
  const X509Objects both = parse_x509(bytes_of(bundle), "bundle");
  EXPECT_EQ(both.certificates.size(), 2U);
  EXPECT_EQ(both.revocation_lists.size(), 1U);
}

struct Malformed {
  std::string name;
  std::string bytes;
  std::string why;
};
void PrintTo(const Malformed& wanted, std::ostream* out) {
  *out << wanted.name;
}
class MalformedX509 : public testing::TestWithParam<Malformed> {};
TEST_P(MalformedX509, IsRefused) {
  EXPECT_THAT([] { (void)parse_x509(bytes_of(GetParam().bytes), "the file"); },
              ThrowsMessage<Error>(HasSubstr("the file: " + GetParam().why)));
}
const std::string neither = "wanted a certificate or a revocation list, in DER or PEM";
INSTANTIATE_TEST_SUITE_P(
    Table, MalformedX509,
    testing::Values(
        Malformed{"empty", "", neither}, Malformed{"text", "hello", neither},
        Malformed{"half_a_sequence", "\x30\x82\x05", neither},
        Malformed{"truncated", text_of(vendor().certificate.der().first(vendor().certificate.der().size() - 1)),
                  neither},
        Malformed{"trailing", text_of(vendor().certificate.der()) + "x",
                  "wanted a DER certificate and nothing after it"},
        Malformed{"no_end", "-----BEGIN CERTIFICATE-----\nAAAA\n", "damaged PEM block"},
        Malformed{"bad_base64", "-----BEGIN CERTIFICATE-----\n****\n-----END CERTIFICATE-----\n", "damaged PEM block"},
        Malformed{"empty_block", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "wanted a DER"},
        Malformed{"a_key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
                  "a PEM block is neither CERTIFICATE nor X509 CRL"}),
    [](const auto& test) { return test.param.name; });

TEST(X509, WithAnExtensionTwiceIsRefused) {
  const vendor_pki::Extension extension{"1.3.6.1.4.1.3704.1.4", {1}};
  EXPECT_THAT(
      [&] {
        vendor_pki::issue(
            {.common_name = "twice", .not_before = now, .not_after = now, .extensions = {extension, extension}},
            vendor_pki::make_key(KeyType::p256));
      },
      ThrowsMessage<Error>(HasSubstr("certificate has the extension 1.3.6.1.4.1.3704.1.4 twice")));
}

}  // namespace
}  // namespace base
