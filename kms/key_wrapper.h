#pragma once
#include <memory>
#include <optional>
#include <string_view>

#include "base/secret.h"

namespace kms {

/// Whoever holds a key-encryption key: a file's content in this process, or a PKCS#11 token that does not give it away.
class KeyWrapper {
 public:
  virtual ~KeyWrapper() = default;
  /// @param key 32 bytes @param context what the wrapped key is for; it has to be the same when it is unwrapped
  virtual base::Buffer wrap(base::Bytes key, std::string_view context) = 0;
  /// @throws Error{failure} when it was wrapped under another key or for another context, or was changed
  virtual base::Secret unwrap(base::Bytes wrapped, std::string_view context) = 0;
};

/// AES-256-GCM with the context as associated data; the wrapped key is nonce (12), ciphertext and tag (16).
/// @param kek 32 bytes
std::unique_ptr<KeyWrapper> make_key_wrapper(base::Secret kek);

/// A key-encryption key and the one before it, which files may still be under.
struct KeyEncryptionKeys {
  base::Secret current;  ///< 32 bytes
  std::optional<base::Secret> previous{};
  // From a key alone: most have no other.
  KeyEncryptionKeys(base::Secret key) : current(std::move(key)) {}  // NOLINT(google-explicit-constructor)
  KeyEncryptionKeys(base::Secret key, std::optional<base::Secret> before)
      : current(std::move(key)), previous(std::move(before)) {}
};

/// The key-encryption key in a file's text: base64 of 32 bytes, as `openssl rand -base64 32` writes it.
/// @throws Error{malformed} naming `name`, never showing the text
base::Secret parse_key_encryption_key(base::Bytes text, std::string_view name);

}  // namespace kms
