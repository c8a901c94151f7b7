#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <optional>

#include "base/ecdsa_p384.h"
#include "base/ecdsa_signature.h"
#include "base/error.h"
#include "base/pkcs11_signer.h"
#include "base/pkcs11_token.h"

namespace base {
namespace {

constexpr std::size_t point_size = 97;  // 4, X and Y of a point on P-384

/// The public key object that goes with a private key.
PublicKey find_public_key(Pkcs11Token& token, Pkcs11Token::Object private_key) {
  const Buffer id = token.attribute(private_key, CKA_ID);
  const Buffer label = token.attribute(private_key, CKA_LABEL);
  const auto found = id.empty() ? token.find(Pkcs11Kind::public_key, CKA_LABEL, label)
                                : token.find(Pkcs11Kind::public_key, CKA_ID, id);
  if (found.size() != 1)
    throw Error(Kind::failure, "PKCS#11: the token has no public key with the private key's id, wanted one beside it");
  Buffer point = token.attribute(found.front(), CKA_EC_POINT);
  if (point.size() == point_size + 2 && point[0] == 4 && point[1] == point_size)
    point.erase(point.begin(), point.begin() + 2);
  if (point.size() != point_size || point[0] != 4)
    throw Error(Kind::failure, "PKCS#11: the key is not on P-384, wanted an EC P-384 key");
  P384Point numbers;
  std::copy_n(point.begin() + 1, numbers.x.size(), numbers.x.begin());
  std::copy_n(point.begin() + 1 + numbers.x.size(), numbers.y.size(), numbers.y.begin());
  return p384_public_key(numbers, "PKCS#11 key");
}

class TokenSigner final : public Signer {
 public:
  explicit TokenSigner(const std::string& uri)
      : token_(uri), key_(token_.find_named(Pkcs11Kind::private_key)), public_key_(find_public_key(token_, key_)) {}
  [[nodiscard]] PublicKey public_key() const override { return public_key_; }
  [[nodiscard]] Buffer sign(Bytes message) const override {
    const Sha384 hash = sha384(message);
    const Buffer raw = token_.sign_ecdsa(key_, hash.view());
    if (raw.size() != 96)
      throw Error(Kind::host, "PKCS#11: the token's signature has " + std::to_string(raw.size()) + " bytes, wanted 96");
    Buffer der = der_ecdsa_signature(raw);
    if (!public_key_.verifies(message, der))
      throw Error(Kind::host, "PKCS#11: the public key in the token does not verify what the private key signed");
    return der;
  }

 private:
  mutable Pkcs11Token token_;
  Pkcs11Token::Object key_;
  PublicKey public_key_;
};

}  // namespace

std::unique_ptr<Signer> pkcs11_signer(const std::string& uri) {
  return std::make_unique<TokenSigner>(uri);
}

}  // namespace base
