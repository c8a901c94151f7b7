#pragma once
#include <string>
#include <vector>

#include "attestation/token.h"

/// The proof that an owner keeps of keys that are no more, when service and audit log are gone too.
namespace attestation {

/// Says as much as the service does: that it had its key store destroy these keys, and the store's provider called the
/// material gone. Copies that somebody made before are not its to know of.
struct DestructionStatement {
  std::string service;  ///< the service's URL
  std::string tenant;
  std::int64_t time_ms = 0;       ///< since the epoch, by the service's clock
  std::vector<std::string> keys;  ///< "worker/0/data"
  std::string audit_head;         ///< hex SHA-256 of the audit log's line that says so
  bool operator==(const DestructionStatement&) const = default;
};

/// A compact JWS, ES256, `typ` "bulkhead-destruction+jwt", over {"iss","tenant","time_ms","destroyed","auditHead"}.
/// Its header has the certificates of the token key, where tokens have theirs.
std::string signed_destruction(const TokenIssuer& issuer, const DestructionStatement& statement);

/// What a statement says, once it is known that a service of the tenant which it names said it: its key's certificate
/// stood right under `ca` then, as one for that tenant's tokens.
/// @param ca PEM, the tenant's @param name for messages @throws Error{malformed} when it cannot be read,
/// Error{not_attested} when no such service said it
DestructionStatement verified_destruction(std::string_view jws, std::string_view ca, std::string_view name);

/// The common name of a certificate for the keys of a tenant's tokens.
std::string token_key_name(std::string_view tenant);

}  // namespace attestation
