#pragma once
#include "base/crypto.h"

namespace base {

/// Whoever holds an owner's private key: a file today, a PKCS#11 token tomorrow.
class Signer {
 public:
  virtual ~Signer() = default;
  [[nodiscard]] virtual PublicKey public_key() const = 0;
  [[nodiscard]] virtual Buffer sign(Bytes message) const = 0;
};

/// Signs with a key in this process.
class KeySigner final : public Signer {
 public:
  explicit KeySigner(PrivateKey key) : key_(std::move(key)) {}
  [[nodiscard]] PublicKey public_key() const override { return key_.public_key(); }
  [[nodiscard]] Buffer sign(Bytes message) const override { return key_.sign(message); }

 private:
  PrivateKey key_;
};

}  // namespace base
