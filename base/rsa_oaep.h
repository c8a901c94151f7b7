#pragma once
#include "base/crypto.h"

namespace base {

/// `plaintext` for the holder of an RSA key: RSAES-OAEP with SHA-256, MGF1 with SHA-256 and an empty label.
/// Source: RFC 8017 section 7.1; RFC 7518 section 4.3 (RSA-OAEP-256)
/// @param plaintext at most the modulus less 66 bytes @return as long as the modulus
/// @throws Error{malformed} for another kind of key or too long a plaintext
Buffer encrypt_rsa_oaep_sha256(const PublicKey& key, Bytes plaintext);

}  // namespace base
