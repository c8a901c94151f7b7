#pragma once
#include "base/crypto.h"
#include "base/json.h"

/// EC P-256 public keys as JSON Web Keys. Source: RFC 7517, RFC 7518 section 6.2.
namespace attestation::wire {

/// {"crv":"P-256","kty":"EC","x","y"}: the ephemeral key of a JWE.
base::Json point_json(const base::EcdhKey::Point& point);
/// @param where the message it stands in, for errors
/// @throws Error{malformed} for another kind of key, an unknown member or a coordinate that has not 32 bytes
base::EcdhKey::Point parse_point(const base::Json& jwk, std::string_view where);
/// The same of a key that may have other members.
base::EcdhKey::Point parse_coordinates(const base::Json& jwk, std::string_view where);

/// A key that signs tokens: {"alg":"ES256","crv","kty","x","y"} and, with certificates, "x5c" (standard base64 of each
/// one's DER, leaf first). Source: RFC 7517 section 4.7.
/// @param chain PEM certificates, leaf first, or ""
base::Json signing_key_json(const base::EcdhKey::Point& point, std::string_view chain);

}  // namespace attestation::wire
