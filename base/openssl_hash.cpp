#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/crypto.h"
#include "base/openssl_handles.h"

namespace base {
namespace {

using openssl::expect;

/// One context for all hashes of a thread: making one costs as much as hashing a few hundred bytes, and launch digests
/// are chains of thousands of hashes of 112 bytes.
class Engine {
 public:
  explicit Engine(const char* algorithm) : algorithm_(EVP_MD_fetch(nullptr, algorithm, nullptr)) {
    expect(algorithm_ != nullptr && context_ != nullptr, "find a hash");
  }
  void hash(Bytes bytes, std::uint8_t* to) {
    expect(EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1 &&
               EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1 &&
               EVP_DigestFinal_ex(context_.get(), to, nullptr) == 1,
           "hash");
  }

 private:
  openssl::Handle<EVP_MD> algorithm_;
  openssl::Handle<EVP_MD_CTX> context_{EVP_MD_CTX_new()};
};

Buffer finished(EVP_MD_CTX* context) {
  Buffer out(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  expect(EVP_DigestFinal_ex(context, out.data(), &size) == 1, "finish a hash");
  out.resize(size);
  return out;
}

}  // namespace

Sha256 sha256(Bytes bytes) {
  thread_local Engine engine("SHA2-256");
  Sha256 digest;
  engine.hash(bytes, digest.bytes.data());
  return digest;
}
Sha384 sha384(Bytes bytes) {
  thread_local Engine engine("SHA2-384");
  Sha384 digest;
  engine.hash(bytes, digest.bytes.data());
  return digest;
}
Buffer sha1(Bytes bytes) {
  Buffer out(20);
  expect(EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, EVP_sha1(), nullptr) == 1, "hash");
  return out;
}

struct Hasher::State {
  openssl::Handle<EVP_MD_CTX> context{EVP_MD_CTX_new()};
};

Hasher::Hasher(Algorithm algorithm) : state_(std::make_unique<State>()) {
  const EVP_MD* const md = algorithm == Algorithm::sha256   ? EVP_sha256()
                           : algorithm == Algorithm::sha384 ? EVP_sha384()
                                                            : EVP_sha512();
  expect(EVP_DigestInit_ex(state_->context.get(), md, nullptr) == 1, "start a hash");
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(Bytes bytes) {
  expect(EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) == 1, "hash");
}

Buffer Hasher::so_far() const {
  const openssl::Handle<EVP_MD_CTX> copy(EVP_MD_CTX_new());
  expect(EVP_MD_CTX_copy_ex(copy.get(), state_->context.get()) == 1, "copy a hash");
  return finished(copy.get());
}

Buffer Hasher::finish() && {
  return finished(state_->context.get());
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
