#include "base/certificate.h"

#include <gmock/gmock.h>

#include <cstdio>

#include "base/error.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "tests/temporary_folder.h"

namespace base {
namespace {

constexpr std::int64_t now = 1'790'000'000;
constexpr std::int64_t day = 86'400;

CertificateRequest request(const std::string& name) {
  return {.common_name = name,
          .dns_names = {"as.acme.example"},
          .ip_addresses = {"10.20.255.1"},
          .not_before = now - day,
          .not_after = now + day};
}

struct Pki {
  PrivateKey ca_key = PrivateKey::generate(PrivateKey::Type::p256);
  std::string ca = make_ca_certificate(KeySigner(ca_key), request("acme"));
  PrivateKey leaf_key = PrivateKey::generate(PrivateKey::Type::p256);
  std::string leaf = make_server_certificate(KeySigner(ca_key), ca, leaf_key.public_key(), request("acme attestation"));
};

TEST(Certificate, IsAcceptedUnderItsOwnCaOnly) {
  const Pki acme, globex;
  EXPECT_EQ(certificate_problem(acme.leaf, acme.ca, now), std::nullopt);
  EXPECT_TRUE(certificate_problem(acme.leaf, globex.ca, now).has_value());
}

TEST(Certificate, IsRefusedOutsideItsValidity) {
  const Pki acme;
  EXPECT_EQ(certificate_problem(acme.leaf, acme.ca, now + 2 * day), "certificate has expired");
  EXPECT_EQ(certificate_problem(acme.leaf, acme.ca, now - 2 * day), "certificate is not yet valid");
}

TEST(Certificate, CarriesTheKeyItWasMadeFor) {
  const Pki acme;
  EXPECT_EQ(certificate_key(acme.leaf, "leaf").fingerprint(), acme.leaf_key.public_key().fingerprint());
  EXPECT_NE(certificate_fingerprint(acme.leaf, "leaf"), certificate_fingerprint(acme.ca, "ca"));
  EXPECT_THROW(certificate_fingerprint("nonsense", "ca"), Error);
}

class CertificateUnder : public testing::TestWithParam<PrivateKey::Type> {};

TEST_P(CertificateUnder, ACaOfEachKindVerifiesInOpenSslsCommandLine) {
  const tests::TemporaryFolder folder;
  const KeySigner ca(PrivateKey::generate(GetParam()));
  const PublicKey subject = PrivateKey::generate(PrivateKey::Type::p256).public_key();
  const std::string root = make_ca_certificate(ca, request("acme"));
  write_file_atomically(folder.file("ca.pem"), root, 0644);
  for (const auto make :
       {make_server_certificate, make_signing_certificate, make_peer_certificate, make_peer_ca_certificate}) {
    write_file_atomically(folder.file("leaf.pem"), make(ca, root, subject, request("acme service")), 0644);
    run_or_throw({"openssl", "verify", "-x509_strict", "-attime", std::to_string(now), "-CAfile", folder.file("ca.pem"),
                  folder.file("leaf.pem")});
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, CertificateUnder,
                         testing::Values(PrivateKey::Type::ed25519, PrivateKey::Type::p256, PrivateKey::Type::p384));

TEST(Certificate, IsNotMadeWithAnotherKeyThanItsCas) {
  const Pki acme, globex;
  EXPECT_THAT(
      [&] {
        static_cast<void>(make_server_certificate(KeySigner(globex.ca_key), acme.ca, acme.leaf_key.public_key(),
                                                  request("acme attestation")));
      },
      testing::ThrowsMessage<Error>(testing::HasSubstr("is not the one of the CA's certificate")));
}

TEST(Certificate, IsNotMadeUnderACertificateThatIsNoCas) {
  const Pki acme;
  EXPECT_THAT(
      [&] {
        static_cast<void>(make_signing_certificate(KeySigner(acme.leaf_key), acme.leaf, acme.leaf_key.public_key(),
                                                   request("acme tokens")));
      },
      testing::ThrowsMessage<Error>(testing::HasSubstr("its CA cannot issue it")));
}

// OpenSSL's own command line is the second opinion on what we made.
TEST(Certificate, ReadsInOpenSslsCommandLineAsWeMeantIt) {
  const Pki acme;
  const std::string text =
      run_or_throw({"openssl", "x509", "-noout", "-ext", "subjectAltName,extendedKeyUsage"}, {.input = acme.leaf});
  EXPECT_NE(text.find("DNS:as.acme.example, IP Address:10.20.255.1"), std::string::npos) << text;
  EXPECT_NE(text.find("TLS Web Server Authentication"), std::string::npos) << text;
}

}  // namespace
}  // namespace base
