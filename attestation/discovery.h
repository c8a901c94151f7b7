#pragma once
#include <string>
#include <vector>

#include "attestation/token.h"

/// What a relying party, such as a key manager with JWT login, reads to check this service's tokens by itself.
namespace attestation {

inline constexpr std::string_view jwks_path = "/.well-known/jwks.json";
inline constexpr std::string_view discovery_path = "/.well-known/openid-configuration";

/// {"keys":[{"alg","crv","kid","kty","use","x","y","x5c"}..]}.
/// Source: RFC 7517 section 5; Trustee's attestation service answers with the same members.
base::Json jwks_json(const std::vector<PublishedKey>& keys);

/// @param issuer the tokens' `iss`: an https URL, below which jwks_path is served
/// Source: OpenID Connect Discovery 1.0, section 3.
base::Json discovery_json(const std::string& issuer);

}  // namespace attestation
