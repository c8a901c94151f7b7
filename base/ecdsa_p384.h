#pragma once
#include "base/crypto.h"

/// ECDSA on P-384 by its numbers, for formats that store them apart (openssl_ecdsa_p384.cpp). Numbers are big-endian
/// and have 48 bytes, leading zeros included.
namespace base {

using P384Number = std::array<std::uint8_t, 48>;

struct P384Point {
  P384Number x{}, y{};
  bool operator==(const P384Point&) const = default;
};
struct P384Signature {
  P384Number r{}, s{};
  bool operator==(const P384Signature&) const = default;
};

/// @throws Error{malformed} when the key is not on P-384
P384Point p384_point(const PublicKey& key);
/// @throws Error{malformed} naming `name` when the point is not on the curve
PublicKey p384_public_key(const P384Point& point, std::string_view name);

/// The DER form PublicKey::verifies() and Signer::sign() use, and back.
Buffer p384_signature_der(const P384Signature& signature);
/// @throws Error{malformed} when it is no DER signature of two numbers of at most 48 bytes
P384Signature p384_signature(Bytes der);

}  // namespace base
