#pragma once
#include <string>

#include "attestation/wire/tee_key.h"

/// Secrets wrapped to a guest's key: flattened JWE JSON, A256GCM, ECDH-ES+A256KW over P-256 or RSA-OAEP-256.
/// Source: RFC 7516 section 7.2.2, RFC 7518 sections 4.3 and 4.6 (empty apu and apv).
namespace attestation::wire {

/// @return JSON with "protected", "encrypted_key", "iv", "ciphertext", "tag". The header is compact with the members in
/// the order alg, enc, epk{crv,kty,x,y} (no epk for an RSA key): guests write it again to recompute the associated
/// data.
/// @throws Error{malformed} when the key is none
std::string encrypt_to_guest(const TeeKey& guest_key, base::Bytes plaintext);
/// @throws Error{malformed} naming the member when the text is no such JWE; Error{failure} when it does not open
base::Secret decrypt_in_guest(const base::EcdhKey& guest_key, std::string_view jwe);

/// The key-encryption key of 32 bytes that the shared x-coordinate `z` (32 bytes) yields: one round of the Concat KDF
/// with SHA-256. Source: RFC 7518 section 4.6.2, NIST SP 800-56A rev. 3 section 5.8.2.1
base::Secret key_encryption_key(base::Bytes z);

}  // namespace attestation::wire
