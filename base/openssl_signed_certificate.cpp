#include "base/openssl_signed_certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/der_writer.h"
#include "base/error.h"

namespace base::openssl {
namespace {

/// What Signer::sign() makes with a key of that kind. Source: RFC 5758 section 3.2, RFC 8410 section 3, RFC 4055
/// section 5
struct SignatureAlgorithm {
  int name, parameters;
};
SignatureAlgorithm algorithm_of(const PublicKey& key) {
  const std::string name = key.algorithm();
  if (name == "Ed25519") return {NID_ED25519, V_ASN1_UNDEF};
  if (name == "EC P-256") return {NID_ecdsa_with_SHA256, V_ASN1_UNDEF};
  if (name == "EC P-384") return {NID_ecdsa_with_SHA384, V_ASN1_UNDEF};
  return {NID_sha256WithRSAEncryption, V_ASN1_NULL};
}

/// AlgorithmIdentifier
Buffer encoded(const X509_ALGOR* algorithm) {
  unsigned char* data = nullptr;
  const int size = i2d_X509_ALGOR(algorithm, &data);
  expect(size > 0, "write a certificate's algorithm");
  Buffer der(data, data + size);
  OPENSSL_free(data);
  return der;
}

/// TBSCertificate
Buffer encoded_to_be_signed(X509* certificate) {
  unsigned char* data = nullptr;
  const int size = i2d_re_X509_tbs(certificate, &data);
  expect(size > 0, "write a certificate");
  Buffer der(data, data + size);
  OPENSSL_free(data);
  return der;
}

Buffer signed_der(X509* certificate, const Signer& ca) {
  const SignatureAlgorithm algorithm = algorithm_of(ca.public_key());
  // OpenSSL has no other way to name the algorithm but to sign; the certificate is ours and not constant.
  auto* const named = const_cast<X509_ALGOR*>(X509_get0_tbs_sigalg(certificate));
  expect(X509_ALGOR_set0(named, OBJ_nid2obj(algorithm.name), algorithm.parameters, nullptr) == 1,
         "name a certificate's algorithm");
  Buffer content = encoded_to_be_signed(certificate);
  Buffer bits{0};  // no unused bits
  append(bits, ca.sign(content));
  append(content, encoded(named));
  append(content, der_element(DerTag::bit_string, bits));
  return der_element(DerTag::sequence, content);
}

void expect_issued(X509* certificate, X509* issuer) {
  EVP_PKEY* const key = X509_get0_pubkey(issuer);
  const bool genuine = key != nullptr && X509_verify(certificate, key) == 1;
  ERR_clear_error();
  if (!genuine)
    throw Error(Kind::failure, "certificate: the key that signed it is not the one of the CA's certificate");
  const int problem = X509_check_issued(issuer, certificate);
  if (problem != X509_V_OK)
    throw Error(Kind::failure,
                std::string("certificate: its CA cannot issue it: ") + X509_verify_cert_error_string(problem));
}

}  // namespace

std::string signed_certificate(X509* certificate, X509* issuer, const Signer& ca) {
  const Buffer der = signed_der(certificate, ca);
  const unsigned char* at = der.data();
  const Handle<X509> whole{d2i_X509(nullptr, &at, static_cast<long>(der.size()))};
  expect(whole && at == der.data() + der.size(), "read the certificate that was made");
  expect_issued(whole.get(), certificate == issuer ? whole.get() : issuer);
  const Handle<BIO> memory{BIO_new(BIO_s_mem())};
  expect(PEM_write_bio_X509(memory.get(), whole.get()) == 1, "write a certificate");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace base::openssl
