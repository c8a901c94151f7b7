#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/certificate.h"
#include "base/error.h"
#include "base/openssl_keys.h"
#include "base/openssl_signed_certificate.h"

namespace base {
namespace {

using openssl::expect;
using openssl::Handle;
using openssl::signed_certificate;

Handle<X509> parsed(std::string_view pem, std::string_view name) {
  const Handle<BIO> memory{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  Handle<X509> certificate{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)};
  ERR_clear_error();
  if (!certificate) throw Error(Kind::malformed, std::string(name) + ": wanted a PEM certificate (BEGIN CERTIFICATE)");
  return certificate;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  expect(extension != nullptr, "make a certificate extension");
  const int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  expect(added == 1, "add a certificate extension");
}

/// A version 3 certificate with a random serial number, the subject's name and key and the validity of the request.
Handle<X509> unsigned_certificate(const CertificateRequest& request, const PublicKey& subject_key) {
  Handle<X509> certificate{X509_new()};
  X509* const c = certificate.get();
  Buffer serial = random_bytes(16);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7fU) | 0x40U);
  BIGNUM* const number = BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr);
  const bool numbered = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(c)) != nullptr;
  BN_free(number);
  X509_NAME* const subject = X509_get_subject_name(c);
  const bool named =
      X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(request.common_name.c_str()), -1, -1, 0) == 1;
  const bool timed = ASN1_TIME_set(X509_getm_notBefore(c), request.not_before) != nullptr &&
                     ASN1_TIME_set(X509_getm_notAfter(c), request.not_after) != nullptr;
  expect(numbered && named && timed && X509_set_version(c, 2) == 1 &&
             X509_set_pubkey(c, subject_key.state().key.get()) == 1,
         "fill a certificate");
  return certificate;
}

std::string alternative_names(const CertificateRequest& request) {
  std::string names;
  for (const std::string& name : request.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
  for (const std::string& address : request.ip_addresses) names += (names.empty() ? "IP:" : ",IP:") + address;
  for (const std::string& uri : request.uris) names += (names.empty() ? "URI:" : ",URI:") + uri;
  return names;
}

/// A certificate under the CA that signs and does nothing else; the caller adds what is particular to it.
Handle<X509> signing_leaf(X509* ca, const PublicKey& subject_key, const CertificateRequest& request) {
  Handle<X509> certificate = unsigned_certificate(request, subject_key);
  X509* const c = certificate.get();
  expect(X509_set_issuer_name(c, X509_get_subject_name(ca)) == 1, "name a certificate's issuer");
  add_extension(c, ca, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(c, ca, NID_key_usage, "critical,digitalSignature");
  add_extension(c, ca, NID_subject_key_identifier, "hash");
  add_extension(c, ca, NID_authority_key_identifier, "keyid");
  return certificate;
}

}  // namespace

std::string make_ca_certificate(const Signer& ca, const CertificateRequest& request) {
  const Handle<X509> certificate = unsigned_certificate(request, ca.public_key());
  X509* const c = certificate.get();
  expect(X509_set_issuer_name(c, X509_get_subject_name(c)) == 1, "name a certificate's issuer");
  add_extension(c, c, NID_basic_constraints, "critical,CA:TRUE,pathlen:1");
  add_extension(c, c, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(c, c, NID_subject_key_identifier, "hash");
  return signed_certificate(c, c, ca);
}

std::string make_server_certificate(const Signer& ca, std::string_view ca_pem, const PublicKey& subject_key,
                                    const CertificateRequest& request) {
  const Handle<X509> issuer = parsed(ca_pem, "CA certificate");
  const Handle<X509> certificate = signing_leaf(issuer.get(), subject_key, request);
  add_extension(certificate.get(), issuer.get(), NID_ext_key_usage, "serverAuth");
  add_extension(certificate.get(), issuer.get(), NID_subject_alt_name, alternative_names(request));
  return signed_certificate(certificate.get(), issuer.get(), ca);
}

std::string make_signing_certificate(const Signer& ca, std::string_view ca_pem, const PublicKey& subject_key,
                                     const CertificateRequest& request) {
  const Handle<X509> issuer = parsed(ca_pem, "CA certificate");
  return signed_certificate(signing_leaf(issuer.get(), subject_key, request).get(), issuer.get(), ca);
}

std::string make_peer_certificate(const Signer& ca, std::string_view ca_pem, const PublicKey& subject_key,
                                  const CertificateRequest& request) {
  const Handle<X509> issuer = parsed(ca_pem, "CA certificate");
  const Handle<X509> certificate = signing_leaf(issuer.get(), subject_key, request);
  add_extension(certificate.get(), issuer.get(), NID_ext_key_usage, "clientAuth,serverAuth");
  add_extension(certificate.get(), issuer.get(), NID_subject_alt_name, alternative_names(request));
  return signed_certificate(certificate.get(), issuer.get(), ca);
}

std::string make_peer_ca_certificate(const Signer& ca, std::string_view ca_pem, const PublicKey& subject_key,
                                     const CertificateRequest& request) {
  const Handle<X509> issuer = parsed(ca_pem, "CA certificate");
  const Handle<X509> certificate = unsigned_certificate(request, subject_key);
  X509* const c = certificate.get();
  expect(X509_set_issuer_name(c, X509_get_subject_name(issuer.get())) == 1, "name a certificate's issuer");
  add_extension(c, issuer.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(c, issuer.get(), NID_key_usage, "critical,keyCertSign");
  add_extension(c, issuer.get(), NID_name_constraints, "critical,excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:0::0/0::0");
  add_extension(c, issuer.get(), NID_subject_key_identifier, "hash");
  add_extension(c, issuer.get(), NID_authority_key_identifier, "keyid");
  return signed_certificate(c, issuer.get(), ca);
}

bool allows_ca_below(std::string_view ca_pem, std::string_view name) {
  const Handle<X509> ca = parsed(ca_pem, name);
  return X509_check_ca(ca.get()) == 1 && X509_get_pathlen(ca.get()) != 0;
}

std::optional<std::string> certificate_problem(std::string_view leaf_pem, std::string_view ca_pem, std::int64_t now) {
  const Handle<X509> leaf = parsed(leaf_pem, "server certificate");
  const Handle<X509> ca = parsed(ca_pem, "CA certificate");
  X509_STORE* const store = X509_STORE_new();
  X509_STORE_add_cert(store, ca.get());
  X509_STORE_CTX* const context = X509_STORE_CTX_new();
  std::optional<std::string> problem;
  if (X509_STORE_CTX_init(context, store, leaf.get(), nullptr) != 1) {
    problem = "cannot start the check";
  } else {
    X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_time(parameters, now);
    X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
    if (X509_verify_cert(context) != 1) problem = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
  }
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  ERR_clear_error();
  return problem;
}

Sha256 certificate_fingerprint(std::string_view pem, std::string_view name) {
  const Handle<X509> certificate = parsed(pem, name);
  Sha256 digest;
  unsigned size = 0;
  expect(X509_digest(certificate.get(), EVP_sha256(), digest.bytes.data(), &size) == 1, "hash a certificate");
  return digest;
}

PublicKey certificate_key(std::string_view pem, std::string_view name) {
  const Handle<X509> certificate = parsed(pem, name);
  unsigned char* data = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &data);
  expect(size > 0, "read a certificate's key");
  const Buffer der(data, data + size);
  OPENSSL_free(data);
  return PublicKey::from_der(der, name);
}

}  // namespace base
