#pragma once
#include <variant>

#include "base/crypto.h"
#include "base/json.h"

/// The keys of guests that secrets are wrapped to: `tee-pubkey` of the protocol, as JSON Web Keys.
/// Source: RFC 7517, RFC 7518 sections 6.2 and 6.3; Confidential Containers, kbs_attestation_protocol.md, "TeePubKey".
namespace attestation::wire {

/// For RSA-OAEP-256.
struct RsaTeeKey {
  base::Buffer modulus;  ///< big-endian, 256 to 512 bytes, the first of them not zero
  std::uint32_t exponent = 65537;
  bool operator==(const RsaTeeKey&) const = default;
};

/// A point is for ECDH-ES+A256KW over P-256, which our guests use.
using TeeKey = std::variant<base::EcdhKey::Point, RsaTeeKey>;

/// {"alg":"ECDH-ES+A256KW","crv":"P-256","kty":"EC","x","y"} or {"alg":"RSA-OAEP-256","e","kty":"RSA","n"}.
base::Json tee_key_json(const TeeKey& key);
/// Members nobody knows are passed over.
/// @param where the message it stands in, for errors
/// @throws Error{malformed} for another kind of key or algorithm (RSA1_5 too), and for numbers of another size
TeeKey parse_tee_key(const base::Json& jwk, std::string_view where);
/// base64url of the SHA-256 over the key's required members, as RFC 7638 says.
std::string key_thumbprint(const TeeKey& key);
/// @throws Error{malformed} "guest key: ..." when it is no point of the curve, or no RSA key
base::PublicKey public_key_of(const TeeKey& key);

}  // namespace attestation::wire
