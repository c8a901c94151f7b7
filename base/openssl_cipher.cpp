#include <openssl/evp.h>

#include "base/crypto.h"
#include "base/error.h"
#include "base/openssl_handles.h"

namespace base {
namespace {

using openssl::expect;
constexpr std::size_t key_size = 32;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

openssl::Handle<EVP_CIPHER_CTX> cipher_context(const EVP_CIPHER* cipher, Bytes key, const std::uint8_t* iv,
                                               bool encrypt) {
  if (key.size() != key_size)
    throw Error(Kind::malformed, "AES-256 key: wanted 32 bytes, got " + std::to_string(key.size()));
  openssl::Handle<EVP_CIPHER_CTX> context{EVP_CIPHER_CTX_new()};
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  expect(EVP_CipherInit_ex(context.get(), cipher, nullptr, key.data(), iv, encrypt ? 1 : 0) == 1, "start a cipher");
  return context;
}

/// Runs all of `input` through the cipher; false when the final step refuses (a tag that does not verify).
bool cipher_all(EVP_CIPHER_CTX* context, Bytes input, std::span<std::uint8_t> output, std::size_t& written) {
  int size = 0;
  if (EVP_CipherUpdate(context, output.data(), &size, input.data(), static_cast<int>(input.size())) != 1) return false;
  written = static_cast<std::size_t>(size);
  std::uint8_t last[EVP_MAX_BLOCK_LENGTH];
  return EVP_CipherFinal_ex(context, last, &size) == 1;
}

void add_associated_data(EVP_CIPHER_CTX* context, Bytes data) {
  int size = 0;
  if (!data.empty()) {
    expect(EVP_CipherUpdate(context, nullptr, &size, data.data(), static_cast<int>(data.size())) == 1,
           "associated data");
  }
}

}  // namespace

SealedBox seal_aes256_gcm(Bytes key, Bytes plaintext, Bytes associated_data) {
  SealedBox box{random_bytes(nonce_size), Buffer(plaintext.size()), Buffer(tag_size)};
  const auto context = cipher_context(EVP_aes_256_gcm(), key, box.nonce.data(), true);
  add_associated_data(context.get(), associated_data);
  std::size_t written = 0;
  expect(cipher_all(context.get(), plaintext, box.ciphertext, written), "AES-256-GCM");
  expect(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_size), box.tag.data()) == 1,
         "GCM tag");
  return box;
}

Secret open_aes256_gcm(Bytes key, const SealedBox& box, Bytes associated_data) {
  if (box.nonce.size() != nonce_size || box.tag.size() != tag_size) {
    throw Error(Kind::malformed, "AES-256-GCM: wanted a nonce of 12 and a tag of 16 bytes, got " +
                                     std::to_string(box.nonce.size()) + " and " + std::to_string(box.tag.size()));
  }
  const auto context = cipher_context(EVP_aes_256_gcm(), key, box.nonce.data(), false);
  Buffer tag = box.tag;
  expect(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_size), tag.data()) == 1,
         "GCM tag");
  add_associated_data(context.get(), associated_data);
  Secret plaintext(box.ciphertext.size());
  std::size_t written = 0;
  if (!cipher_all(context.get(), box.ciphertext, plaintext.writable(), written)) {
    throw Error(Kind::failure, "AES-256-GCM: the tag does not verify");
  }
  return plaintext;
}

Buffer wrap_aes256(Bytes kek, Bytes key) {
  if (key.size() % 8 != 0 || key.size() < 16)
    throw Error(Kind::malformed, "AES key wrap: wanted whole 8-byte blocks, at least two");
  const auto context = cipher_context(EVP_aes_256_wrap(), kek, nullptr, true);
  Buffer wrapped(key.size() + 8);
  std::size_t written = 0;
  expect(cipher_all(context.get(), key, wrapped, written), "AES key wrap");
  return wrapped;
}

Secret unwrap_aes256(Bytes kek, Bytes wrapped) {
  if (wrapped.size() % 8 != 0 || wrapped.size() < 24) {
    throw Error(Kind::malformed, "AES key unwrap: wanted whole 8-byte blocks, at least three");
  }
  const auto context = cipher_context(EVP_aes_256_wrap(), kek, nullptr, false);
  Secret key(wrapped.size());
  std::size_t written = 0;
  if (!cipher_all(context.get(), wrapped, key.writable(), written) || written != wrapped.size() - 8) {
    throw Error(Kind::failure, "AES key unwrap: the wrapped key does not verify");
  }
  return Secret(buffer_of(key.view().first(written)));
}

}  // namespace base
