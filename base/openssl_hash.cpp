#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/crypto.h"
#include "base/openssl_handles.h"

namespace base {
namespace {

using openssl::expect;

Buffer hashed(Bytes bytes, const EVP_MD* algorithm) {
  Buffer out(static_cast<std::size_t>(EVP_MD_get_size(algorithm)));
  expect(EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, algorithm, nullptr) == 1, "hash");
  return out;
}

}  // namespace

Sha256 sha256(Bytes bytes) {
  return Sha256::from(hashed(bytes, EVP_sha256()));
}
Sha384 sha384(Bytes bytes) {
  return Sha384::from(hashed(bytes, EVP_sha384()));
}
Buffer sha1(Bytes bytes) {
  return hashed(bytes, EVP_sha1());
}

struct Hasher::State {
  openssl::Handle<EVP_MD_CTX> context{EVP_MD_CTX_new()};
};

Hasher::Hasher(Algorithm algorithm) : state_(std::make_unique<State>()) {
  const EVP_MD* const md = algorithm == Algorithm::sha256 ? EVP_sha256() : EVP_sha384();
  expect(EVP_DigestInit_ex(state_->context.get(), md, nullptr) == 1, "start a hash");
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(Bytes bytes) {
  expect(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1, "hash");
}

Buffer Hasher::finish() && {
  Buffer out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  expect(EVP_DigestFinal_ex(state_->context.get(), out.data(), &size) == 1, "finish a hash");
  out.resize(size);
  return out;
}

Buffer hmac_sha256(Bytes key, Bytes message) {
  Buffer out(32);
  unsigned size = 0;
  expect(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(), out.data(),
              &size) != nullptr,
         "HMAC");
  return out;
}

Secret random_secret(std::size_t size) {
  Secret secret(size);
  expect(RAND_bytes(secret.writable().data(), static_cast<int>(size)) == 1, "random bytes");
  return secret;
}

Buffer random_bytes(std::size_t size) {
  Buffer bytes(size);
  expect(RAND_bytes(bytes.data(), static_cast<int>(size)) == 1, "random bytes");
  return bytes;
}

}  // namespace base
