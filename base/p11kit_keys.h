#pragma once
#include "base/pkcs11_token.h"
#include "base/signer.h"

/// What the p11kit_*.cpp files know about keys that sign; nobody else includes this.
namespace base::p11kit {

/// A kind of key pair as PKCS#11 has it. Source: PKCS#11 base specification 3.1, sections 6.3.3, 6.3.5, 6.3.11 and
/// 6.3.12; RFC 5480, section 2; RFC 8410, section 3
struct KeyKind {
  PrivateKey::Type type;
  const char* name;  ///< as PublicKey::algorithm() says it
  unsigned long key_type;
  unsigned long generate, sign;  ///< mechanisms
  const char *generate_name, *sign_name;
  Bytes curve;             ///< CKA_EC_PARAMS: an object identifier
  Bytes algorithm;         ///< what AlgorithmIdentifier of a SubjectPublicKeyInfo holds
  std::size_t point_size;  ///< of CKA_EC_POINT
  std::size_t signature_size;
};

const KeyKind& kind_of(PrivateKey::Type type);

/// Signs with a key pair of a session that somebody else holds.
class TokenSigner final : public Signer {
 public:
  /// @throws Error{failure} when the pair is of no kind above
  TokenSigner(Pkcs11Token& token, const Pkcs11Token::KeyPair& pair);
  [[nodiscard]] PublicKey public_key() const override { return public_key_; }
  /// @throws Error{host} when the token does not sign, or its public key does not verify what it signed
  [[nodiscard]] Buffer sign(Bytes message) const override;

 private:
  Pkcs11Token& token_;
  Pkcs11Token::Object key_;
  const KeyKind& kind_;
  PublicKey public_key_;
};

}  // namespace base::p11kit
