#pragma once
#include <optional>
#include <string>

#include "base/crypto.h"
#include "base/json.h"

/// The attestation result a guest receives: an EAR as a JWT signed ES256, bound to tenant, guest and the guest's key.
/// Source: docs/attestation.md, "Token"; draft-ietf-rats-ear; RFC 7515, 7519, 7800.
namespace attestation {

struct TokenClaims {
  std::string tenant;
  std::string guest;  ///< "worker/0"
  std::string id;     ///< unique; `jti`
  base::Sha256 key;   ///< of the attestation key that signed the evidence
  base::EcdhKey::Point guest_key;
  std::int64_t issued = 0;   ///< seconds since the epoch
  std::int64_t expires = 0;  ///< at most 300 s later
};

/// @param evidence_claims what was found in the evidence, for `ear.veraison.annotated-evidence`
/// @return compact JWS
std::string issue_token(const base::PrivateKey& token_key, const TokenClaims& claims,
                        const base::Json& evidence_claims);
/// The claims of a token of exactly this tenant's service, valid at `now` (seconds); nullopt for any other text.
std::optional<TokenClaims> accepted_token(std::string_view token, const base::PublicKey& token_key,
                                          std::string_view tenant, std::int64_t now);

}  // namespace attestation
