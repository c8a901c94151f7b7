#pragma once
#include "base/crypto.h"

/// ECDSA keys on P-256 by their numbers, for formats that store them so (openssl_ecdsa_p256.cpp).
namespace base {

/// Quicker than PublicKey::from_der(), for keys that sign one message each.
/// @param point x||y, big-endian. @throws Error{malformed} naming `name` when it is not on the curve
PublicKey p256_public_key(const std::array<std::uint8_t, 64>& point, std::string_view name);

}  // namespace base
