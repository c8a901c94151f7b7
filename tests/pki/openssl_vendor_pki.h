#pragma once
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/x509.h"

/// A processor vendor's PKI made by the tests: certificates and revocation lists with the extensions, signatures and
/// flaws a test wants. AMD's signatures are RSA-PSS with SHA-384 (keys of 2048 bits here, which are made faster),
/// Intel's are ECDSA on P-256.
namespace vendor_pki {

enum class KeyType { rsa, p256, p384 };

inline void expect(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("test PKI: ") + what);
}

using Key = std::shared_ptr<EVP_PKEY>;
inline Key make_key(KeyType type) {
  EVP_PKEY* const key = type == KeyType::rsa    ? EVP_RSA_gen(2048)
                        : type == KeyType::p256 ? EVP_EC_gen("P-256")
                                                : EVP_EC_gen("P-384");
  expect(key != nullptr, "make a key");
  return {key, EVP_PKEY_free};
}

struct Extension {
  std::string oid;
  base::Buffer value;  ///< content of the OCTET STRING
  bool critical = false;
};

struct Request {
  std::string common_name;
  std::int64_t not_before = 0, not_after = 0;
  std::int64_t serial = 0;
  bool ca = false;
  bool may_sign_lists = true;     ///< key usage cRLSign, of a CA
  std::string extra_constraints;  ///< of a CA: ",pathlen:0"
  std::vector<Extension> extensions;
};

/// Somebody with a key and a certificate.
struct Identity {
  Key key;
  base::X509Certificate certificate;
  [[nodiscard]] base::Buffer der() const { return base::buffer_of(certificate.der()); }
  [[nodiscard]] std::string pem() const {
    const std::string text = base::base64(certificate.der());
    std::string out = "-----BEGIN CERTIFICATE-----\n";
    for (std::size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + "\n";
    return out + "-----END CERTIFICATE-----\n";
  }
};

inline void start_signature(EVP_MD_CTX* context, EVP_PKEY* key) {
  EVP_PKEY_CTX* parameters = nullptr;
  const bool rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
  const EVP_MD* const hash = rsa || EVP_PKEY_get_bits(key) == 384 ? EVP_sha384() : EVP_sha256();
  expect(EVP_DigestSignInit(context, &parameters, hash, nullptr, key) == 1, "start a signature");
  if (!rsa) return;
  expect(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 48) == 1 &&
             EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha384()) == 1,
         "choose RSA-PSS");
}

inline void add_extension(X509* certificate, int nid, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
  expect(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "add an extension");
  X509_EXTENSION_free(extension);
}

inline void add_extension(X509* certificate, const Extension& wanted) {
  ASN1_OCTET_STRING* const value = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(value, wanted.value.data(), static_cast<int>(wanted.value.size()));
  ASN1_OBJECT* const oid = OBJ_txt2obj(wanted.oid.c_str(), 1);
  X509_EXTENSION* const extension = X509_EXTENSION_create_by_OBJ(nullptr, oid, wanted.critical ? 1 : 0, value);
  expect(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "add an extension");
  X509_EXTENSION_free(extension);
  ASN1_OBJECT_free(oid);
  ASN1_OCTET_STRING_free(value);
}

/// A certificate for `key`, signed by `issuer`, or by itself without one.
inline Identity issue(const Request& request, const Key& key, const Identity* issuer = nullptr) {
  const std::unique_ptr<X509, void (*)(X509*)> owner{X509_new(), X509_free};
  X509* const certificate = owner.get();
  const auto* const name = reinterpret_cast<const unsigned char*>(request.common_name.c_str());
  X509_NAME* const subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0);
  const std::unique_ptr<X509, void (*)(X509*)> issuers{nullptr, X509_free};
  X509_NAME* issuer_name = subject;
  std::unique_ptr<X509, void (*)(X509*)> parsed{nullptr, X509_free};
  if (issuer != nullptr) {
    const base::Buffer der = issuer->der();
    const unsigned char* at = der.data();
    parsed.reset(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    issuer_name = X509_get_subject_name(parsed.get());
  }
  expect(X509_set_version(certificate, 2) == 1 && X509_set_issuer_name(certificate, issuer_name) == 1 &&
             X509_set_pubkey(certificate, key.get()) == 1 &&
             ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), request.serial) == 1 &&
             ASN1_TIME_set(X509_getm_notBefore(certificate), request.not_before) != nullptr &&
             ASN1_TIME_set(X509_getm_notAfter(certificate), request.not_after) != nullptr,
         "fill a certificate");
  if (request.ca) {
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE" + request.extra_constraints);
    add_extension(certificate, NID_key_usage,
                  request.may_sign_lists ? "critical,keyCertSign,cRLSign" : "critical,keyCertSign");
  }
  for (const Extension& extension : request.extensions) add_extension(certificate, extension);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  start_signature(context.get(), issuer != nullptr ? issuer->key.get() : key.get());
  expect(X509_sign_ctx(certificate, context.get()) > 0, "sign a certificate");
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  const base::Buffer bytes(der, der + size);
  OPENSSL_free(der);
  return {key, base::X509Certificate::from_der(bytes, request.common_name)};
}

struct ListRequest {
  std::int64_t this_update = 0;
  std::int64_t next_update = 0;  ///< 0: none
  std::vector<std::int64_t> revoked;
  bool critical_extension = false;
};

/// A revocation list of `issuer`, signed by `signer` (a forger, if it is not the issuer).
inline base::X509RevocationList revoke(const ListRequest& request, const Identity& issuer, const Identity& signer) {
  const std::unique_ptr<X509_CRL, void (*)(X509_CRL*)> owner{X509_CRL_new(), X509_CRL_free};
  X509_CRL* const list = owner.get();
  const base::Buffer issuer_der = issuer.der();
  const unsigned char* at = issuer_der.data();
  const std::unique_ptr<X509, void (*)(X509*)> parsed{d2i_X509(nullptr, &at, static_cast<long>(issuer_der.size())),
                                                      X509_free};
  const auto set_time = [&](std::int64_t seconds, int (*set)(X509_CRL*, const ASN1_TIME*)) {
    ASN1_TIME* const time = ASN1_TIME_set(nullptr, seconds);
    set(list, time);
    ASN1_TIME_free(time);
  };
  X509_CRL_set_version(list, 1);
  X509_CRL_set_issuer_name(list, X509_get_subject_name(parsed.get()));
  set_time(request.this_update, X509_CRL_set1_lastUpdate);
  if (request.next_update != 0) set_time(request.next_update, X509_CRL_set1_nextUpdate);
  for (const std::int64_t serial : request.revoked) {
    X509_REVOKED* const entry = X509_REVOKED_new();
    ASN1_INTEGER* const number = ASN1_INTEGER_new();
    ASN1_INTEGER_set_int64(number, serial);
    ASN1_TIME* const time = ASN1_TIME_set(nullptr, request.this_update);
    X509_REVOKED_set_serialNumber(entry, number);
    X509_REVOKED_set_revocationDate(entry, time);
    expect(X509_CRL_add0_revoked(list, entry) == 1, "revoke a certificate");
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(time);
  }
  if (request.critical_extension) {
    X509_EXTENSION* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_issuing_distribution_point, "critical,onlyuser:TRUE");
    expect(extension != nullptr && X509_CRL_add_ext(list, extension, -1) == 1, "add an extension to a list");
    X509_EXTENSION_free(extension);
  }
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  start_signature(context.get(), signer.key.get());
  expect(X509_CRL_sign_ctx(list, context.get()) > 0, "sign a list");
  unsigned char* der = nullptr;
  const int size = i2d_X509_CRL(list, &der);
  const base::Buffer bytes(der, der + size);
  OPENSSL_free(der);
  return base::X509RevocationList::from_der(bytes, "list");
}

/// The DER signature of an identity with an EC key, by the hash of its curve.
inline base::Buffer sign(const Identity& signer, base::Bytes message) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  start_signature(context.get(), signer.key.get());
  std::size_t size = 0;
  expect(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1, "size a signature");
  base::Buffer signature(size);
  expect(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1, "sign");
  signature.resize(size);
  return signature;
}

}  // namespace vendor_pki
