#include "base/p11kit_keys.h"

#include <p11-kit/pkcs11.h>

#include <algorithm>
#include <array>

#include "base/der_writer.h"
#include "base/ecdsa_signature.h"
#include "base/error.h"

namespace base::p11kit {
namespace {

constexpr std::array<std::uint8_t, 5> ed25519 = {0x06, 0x03, 0x2b, 0x65, 0x70};  // 1.3.101.112
/// The name that PKCS#11 3.0 lets a token have for the same curve: PrintableString "edwards25519".
constexpr std::array<std::uint8_t, 14> ed25519_by_name = {0x13, 0x0c, 'e', 'd', 'w', 'a', 'r',
                                                          'd',  's',  '2', '5', '5', '1', '9'};
constexpr std::array<std::uint8_t, 10> p256 = {0x06, 0x08, 0x2a, 0x86, 0x48,
                                               0xce, 0x3d, 0x03, 0x01, 0x07};             // 1.2.840.10045.3.1.7
constexpr std::array<std::uint8_t, 7> p384 = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};  // 1.3.132.0.34
/// id-ecPublicKey, 1.2.840.10045.2.1, and the curve.
constexpr std::array<std::uint8_t, 19> p256_key = {0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                                   0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 16> p384_key = {0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                                                   0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};

const std::array<KeyKind, 3>& kinds() {
  static const std::array<KeyKind, 3> all = {{
      {PrivateKey::Type::ed25519, "Ed25519", CKK_EC_EDWARDS, CKM_EC_EDWARDS_KEY_PAIR_GEN, CKM_EDDSA,
       "CKM_EC_EDWARDS_KEY_PAIR_GEN", "CKM_EDDSA", ed25519, ed25519, 32, 64},
      {PrivateKey::Type::p256, "EC P-256", CKK_EC, CKM_EC_KEY_PAIR_GEN, CKM_ECDSA, "CKM_EC_KEY_PAIR_GEN", "CKM_ECDSA",
       p256, p256_key, 65, 64},
      {PrivateKey::Type::p384, "EC P-384", CKK_EC, CKM_EC_KEY_PAIR_GEN, CKM_ECDSA, "CKM_EC_KEY_PAIR_GEN", "CKM_ECDSA",
       p384, p384_key, 97, 96},
  }};
  return all;
}

const KeyKind& kind_of(Pkcs11Token& token, Pkcs11Token::Object key) {
  const Buffer curve = token.attribute(key, CKA_EC_PARAMS);
  for (const KeyKind& kind : kinds()) {
    const bool named = kind.type == PrivateKey::Type::ed25519 && std::ranges::equal(curve, ed25519_by_name);
    if (token.number(key, CKA_KEY_TYPE) == kind.key_type && (named || std::ranges::equal(curve, kind.curve)))
      return kind;
  }
  throw Error(Kind::failure, "PKCS#11: the key is of no kind that signs here, wanted Ed25519, EC P-256 or EC P-384");
}

/// CKA_EC_POINT is in an OCTET STRING, or with tokens that read the standard otherwise it is not.
PublicKey public_key_of(Pkcs11Token& token, Pkcs11Token::Object key, const KeyKind& kind) {
  Buffer point = token.attribute(key, CKA_EC_POINT);
  const Buffer header = {static_cast<std::uint8_t>(DerTag::octet_string), static_cast<std::uint8_t>(kind.point_size)};
  if (point.size() == kind.point_size + header.size() && std::equal(header.begin(), header.end(), point.begin()))
    point.erase(point.begin(), point.begin() + 2);
  if (point.size() != kind.point_size)
    throw Error(Kind::failure, std::string("PKCS#11: the token gives no public point of an ") + kind.name + " key");
  Buffer bits{0};  // no unused bits
  append(bits, point);
  Buffer content = der_element(DerTag::sequence, kind.algorithm);
  append(content, der_element(DerTag::bit_string, bits));
  return PublicKey::from_der(der_element(DerTag::sequence, content), "PKCS#11 key");
}

}  // namespace

const KeyKind& kind_of(PrivateKey::Type type) {
  return *std::ranges::find(kinds(), type, &KeyKind::type);
}

TokenSigner::TokenSigner(Pkcs11Token& token, const Pkcs11Token::KeyPair& pair)
    : token_(token),
      key_(pair.private_key),
      kind_(kind_of(token, pair.public_key)),
      public_key_(public_key_of(token, pair.public_key, kind_)) {}

Buffer TokenSigner::sign(Bytes message) const {
  const auto raw = [&]() -> Buffer {
    switch (kind_.type) {
      case PrivateKey::Type::p256:
        return token_.sign(key_, kind_.sign, sha256(message).view());
      case PrivateKey::Type::p384:
        return token_.sign(key_, kind_.sign, sha384(message).view());
      case PrivateKey::Type::ed25519:
        break;
    }
    return token_.sign(key_, kind_.sign, message);
  }();
  if (raw.size() != kind_.signature_size)
    throw Error(Kind::host, "PKCS#11: the token's signature has " + std::to_string(raw.size()) + " bytes, wanted " +
                                std::to_string(kind_.signature_size));
  Buffer signature = kind_.type == PrivateKey::Type::ed25519 ? raw : der_ecdsa_signature(raw);
  if (!public_key_.verifies(message, signature))
    throw Error(Kind::host, "PKCS#11: the public key in the token does not verify what the private key signed");
  return signature;
}

}  // namespace base::p11kit
