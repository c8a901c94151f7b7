#pragma once
#include <cstdint>
#include <string>

#include "base/secret.h"
#include "base/units.h"
#include "kms/key_name.h"

namespace kms {

/// Which version of which key of which tenant.
struct MaterialId {
  base::TenantId tenant;
  KeyName key;
  std::uint32_t version = 0;
};

constexpr std::size_t key_size = 32;  ///< bytes of every key: an AES-256 key

/// Where the keys themselves are: wrapped in a file of ours, in a PKCS#11 token, a KMIP server or an OpenBao.
class KeyMaterial {
 public:
  virtual ~KeyMaterial() = default;
  /// What it is and where, for messages and reports: "kmip 10.0.0.5:5696".
  [[nodiscard]] virtual std::string provider() const = 0;
  /// Makes a new random key. @return its handle, which holds no secret (KeyVersion). Not safe to retry blindly: a lost
  /// answer leaves a key that no record names.
  virtual base::Buffer make(const MaterialId& id) = 0;
  /// The key itself, key_size bytes.
  virtual base::Secret fetch(const MaterialId& id, base::Bytes handle) = 0;
  /// Tells the provider that nobody is to use it any more. No effect when that is so already.
  virtual void revoke(const MaterialId& id, base::Bytes handle) = 0;
  /// Makes the key unrecoverable from the provider. No effect when it is gone already.
  virtual void erase(const MaterialId& id, base::Bytes handle) = 0;
  /// Erases a version that nobody will be given any more, of a key that lives on: unless that is its owner's to do.
  virtual void discard(const MaterialId& id, base::Bytes handle) { erase(id, handle); }
};

}  // namespace kms
