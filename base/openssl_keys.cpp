#include "base/openssl_keys.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/ecdsa_signature.h"
#include "base/error.h"

namespace base {
namespace {

using openssl::expect;
using openssl::Handle;

Handle<BIO> reading(std::string_view text) {
  return Handle<BIO>{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

/// The hash a signature with `key` uses; nullptr for Ed25519, which has its own.
const EVP_MD* hash_for(EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_ED25519:
      return nullptr;
    case EVP_PKEY_EC:
      return EVP_PKEY_get_bits(key) == 384 ? EVP_sha384() : EVP_sha256();
    default:
      return EVP_sha256();
  }
}

/// RFC 6979 where OpenSSL has it (3.2 and later); elsewhere an ECDSA signature is another one each time.
void ask_for_deterministic_nonce([[maybe_unused]] EVP_PKEY* key, [[maybe_unused]] EVP_PKEY_CTX* context) {
#ifdef OSSL_SIGNATURE_PARAM_NONCE_TYPE
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return;
  unsigned deterministic = 1;
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_uint(OSSL_SIGNATURE_PARAM_NONCE_TYPE, &deterministic),
                                   OSSL_PARAM_construct_end()};
  expect(EVP_PKEY_CTX_set_params(context, parameters) == 1, "ask for a deterministic signature");
#endif
}

void expect_supported(EVP_PKEY* key, std::string_view name) {
  const int type = EVP_PKEY_get_base_id(key);
  const int bits = EVP_PKEY_get_bits(key);
  const bool good = type == EVP_PKEY_ED25519 || (type == EVP_PKEY_EC && (bits == 256 || bits == 384)) ||
                    (type == EVP_PKEY_RSA && bits >= 2048 && bits <= 8192);
  if (!good)
    throw Error(Kind::malformed,
                std::string(name) + ": wanted an Ed25519, EC P-256, EC P-384 or RSA key of 2048 to 8192 bits");
}

/// nullptr instead of prompting for a passphrase.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

std::string written(const BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(const_cast<BIO*>(memory), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

PublicKey PublicKey::from_pem(std::string_view pem, std::string_view name) {
  Handle<EVP_PKEY> key{PEM_read_bio_PUBKEY(reading(pem).get(), nullptr, no_passphrase, nullptr)};
  ERR_clear_error();
  if (!key) throw Error(Kind::malformed, std::string(name) + ": wanted a PEM public key (BEGIN PUBLIC KEY)");
  expect_supported(key.get(), name);
  return PublicKey(std::make_shared<const State>(State{std::move(key)}));
}

PublicKey PublicKey::from_der(Bytes der, std::string_view name) {
  const unsigned char* at = der.data();
  Handle<EVP_PKEY> key{d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()))};
  ERR_clear_error();
  if (!key || at != der.data() + der.size()) {
    throw Error(Kind::malformed, std::string(name) + ": wanted a DER SubjectPublicKeyInfo and nothing after it");
  }
  expect_supported(key.get(), name);
  return PublicKey(std::make_shared<const State>(State{std::move(key)}));
}

PublicKey PublicKey::from_rsa(Bytes modulus, std::uint32_t exponent) {
  Buffer little_endian(modulus.rbegin(), modulus.rend());  // OpenSSL's parameters are in the machine's order
  std::array<std::uint8_t, 4> e{};
  for (std::size_t i = 0; i < e.size(); ++i) e[i] = static_cast<std::uint8_t>(exponent >> (8 * i));
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, little_endian.data(), little_endian.size()),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e.data(), e.size()), OSSL_PARAM_construct_end()};
  const Handle<EVP_PKEY_CTX> context{EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)};
  EVP_PKEY* key = nullptr;
  const bool good =
      EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters)) == 1;
  ERR_clear_error();
  if (!good) throw Error(Kind::malformed, "RSA public key: wanted a modulus and an exponent");
  Handle<EVP_PKEY> owned{key};
  expect_supported(owned.get(), "RSA public key");
  return PublicKey(std::make_shared<const State>(State{std::move(owned)}));
}

Buffer PublicKey::der() const {
  unsigned char* data = nullptr;
  const int size = i2d_PUBKEY(state_->key.get(), &data);
  expect(size > 0, "write a public key");
  Buffer out(data, data + size);
  OPENSSL_free(data);
  return out;
}

std::string PublicKey::pem() const {
  const Handle<BIO> memory{BIO_new(BIO_s_mem())};
  expect(PEM_write_bio_PUBKEY(memory.get(), state_->key.get()) == 1, "write a public key");
  return written(memory.get());
}

Sha256 PublicKey::fingerprint() const {
  return sha256(der());
}

std::string PublicKey::algorithm() const {
  EVP_PKEY* const key = state_->key.get();
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) return "Ed25519";
  const bool ec = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
  return (ec ? "EC P-" : "RSA ") + std::to_string(EVP_PKEY_get_bits(key));
}

bool PublicKey::verifies(Bytes message, Bytes signature) const {
  EVP_PKEY* const key = state_->key.get();
  const Handle<EVP_MD_CTX> context{EVP_MD_CTX_new()};
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, hash_for(key), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
  ERR_clear_error();
  return good;
}

bool PublicKey::verifies_es256(Bytes message, Bytes signature) const {
  if (algorithm() != "EC P-256" || signature.size() != 64) return false;
  return verifies(message, der_ecdsa_signature(signature));
}

EcdhKey::Point PublicKey::p256_point() const {
  if (algorithm() != "EC P-256") throw Error(Kind::malformed, "wanted an EC P-256 key, got " + algorithm());
  std::array<std::uint8_t, 65> raw{};
  std::size_t size = 0;
  expect(
      EVP_PKEY_get_octet_string_param(state_->key.get(), OSSL_PKEY_PARAM_PUB_KEY, raw.data(), raw.size(), &size) == 1 &&
          size == raw.size() && raw[0] == 4,
      "read an EC point");
  EcdhKey::Point point;
  std::copy_n(raw.begin() + 1, 32, point.x.begin());
  std::copy_n(raw.begin() + 33, 32, point.y.begin());
  return point;
}

PrivateKey PrivateKey::generate(Type type) {
  EVP_PKEY* const key = type == Type::ed25519 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                        : type == Type::p256  ? EVP_EC_gen("P-256")
                                              : EVP_EC_gen("P-384");
  expect(key != nullptr, "make a key");
  return PrivateKey(std::make_shared<const State>(State{Handle<EVP_PKEY>(key)}));
}

PrivateKey PrivateKey::from_pem(std::string_view pem, std::string_view name) {
  Handle<EVP_PKEY> key{PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_passphrase, nullptr)};
  ERR_clear_error();
  if (!key)
    throw Error(Kind::malformed, std::string(name) + ": wanted an unencrypted PEM private key (BEGIN PRIVATE KEY)");
  expect_supported(key.get(), name);
  return PrivateKey(std::make_shared<const State>(State{std::move(key)}));
}

Secret PrivateKey::pem() const {
  const Handle<BIO> memory{BIO_new(BIO_s_secmem())};
  expect(PEM_write_bio_PKCS8PrivateKey(memory.get(), state_->key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
         "write a private key");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  Secret out(static_cast<std::size_t>(size));
  std::copy_n(data, size, out.writable().begin());
  wipe({reinterpret_cast<std::uint8_t*>(data), static_cast<std::size_t>(size)});
  return out;
}

PublicKey PrivateKey::public_key() const {
  unsigned char* data = nullptr;
  const int size = i2d_PUBKEY(state_->key.get(), &data);
  expect(size > 0, "write a public key");
  const Buffer der(data, data + size);
  OPENSSL_free(data);
  return PublicKey::from_der(der, "public half of a private key");
}

Buffer PrivateKey::sign(Bytes message) const {
  EVP_PKEY* const key = state_->key.get();
  const Handle<EVP_MD_CTX> context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* parameters = nullptr;  // the context owns it
  expect(EVP_DigestSignInit(context.get(), &parameters, hash_for(key), nullptr, key) == 1, "start a signature");
  ask_for_deterministic_nonce(key, parameters);
  std::size_t size = 0;
  expect(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1, "size a signature");
  Buffer out(size);
  expect(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1, "sign");
  out.resize(size);
  return out;
}

Buffer PrivateKey::sign_es256(Bytes message) const {
  if (public_key().algorithm() != "EC P-256") throw Error(Kind::malformed, "ES256 wants an EC P-256 key");
  return raw_ecdsa_signature(sign(message), 32);
}

}  // namespace base
