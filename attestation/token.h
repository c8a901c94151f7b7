#pragma once
#include <optional>
#include <string>

#include "attestation/wire/tee_key.h"

/// The attestation result a guest receives: an EAR as a JWT signed ES256, bound to tenant, guest and the guest's key.
/// Source: docs/attestation.md, "Token"; draft-ietf-rats-ear; RFC 7515, 7519, 7800.
namespace attestation {

/// Who issues a tenant's tokens.
struct TokenIssuer {
  base::PrivateKey key;  ///< EC P-256
  std::string url;       ///< `iss`: the service's URL; discovery.h says what is served below it
  std::string chain;     ///< PEM certificates of the key, leaf first, for the header's `jwk.x5c`; may be ""
};

/// What others check tokens with.
struct PublishedKey {
  base::PublicKey key;
  std::string chain;  ///< PEM certificates of the key, leaf first; may be ""
};

/// How long a token is valid.
inline constexpr std::int64_t token_seconds = 300;

struct TokenClaims {
  std::string tenant;
  std::string guest;            ///< "worker/0"
  std::string id;               ///< unique; `jti`
  std::string attestation_key;  ///< hex SHA-256 of the enrolled key that signed the evidence, "" when there is none
  std::int64_t boot = 0;        ///< which life of the guest, as its lease counts them
  std::string measurement;      ///< of what was launched, as policies of keys name it (release_rules.h); hex
  wire::TeeKey guest_key;
  std::int64_t issued = 0;   ///< seconds since the epoch
  std::int64_t expires = 0;  ///< at most 300 s later
};

/// What a token states of its holder, apart from the evidence and the keys: who issued it, for whom, about which guest,
/// until when. Holds nothing that would let its reader act as the guest.
base::Json stated_claims(const TokenIssuer& issuer, const TokenClaims& claims);
/// @param evidence_claims what was found in the evidence, for `ear.veraison.annotated-evidence`
/// @return compact JWS
std::string issue_token(const TokenIssuer& issuer, const TokenClaims& claims, const base::Json& evidence_claims);
/// The claims of a token of exactly this key, issuer (its URL) and tenant, valid at `now` (seconds); nullopt for any
/// other text. The key in the token's own header is not looked at.
std::optional<TokenClaims> accepted_token(std::string_view token, const base::PublicKey& key, std::string_view issuer,
                                          std::string_view tenant, std::int64_t now);
/// The part of accepted_token() behind the signature: what a message says (a token's header and payload in base64url,
/// with a dot between them) once it is known that the service signed it. Never call it with anything else.
/// @throws Error{malformed}
std::optional<TokenClaims> claims_of_signed(std::string_view message, std::string_view issuer, std::string_view tenant,
                                            std::int64_t now);

}  // namespace attestation
