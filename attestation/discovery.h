#pragma once
#include <string>

#include "base/crypto.h"
#include "base/json.h"

/// What a relying party, such as a key manager with JWT login, reads to check this service's tokens by itself.
namespace attestation {

inline constexpr std::string_view jwks_path = "/.well-known/jwks.json";
inline constexpr std::string_view discovery_path = "/.well-known/openid-configuration";

/// {"keys":[{"alg","crv","kid","kty","use","x","y","x5c"}]}. @param chain PEM certificates of the key, leaf first, or
/// "" Source: RFC 7517 section 5; Trustee's attestation service answers with the same members.
base::Json jwks_json(const base::PublicKey& token_key, std::string_view chain);

/// @param issuer the tokens' `iss`: an https URL, below which jwks_path is served
/// Source: OpenID Connect Discovery 1.0, section 3.
base::Json discovery_json(const std::string& issuer);

}  // namespace attestation
