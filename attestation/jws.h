#pragma once
#include <string>

#include "base/crypto.h"
#include "base/json.h"

/// What a tenant's service signs with its token key. Source: RFC 7515, compact serialisation; RFC 7518, ES256.
namespace attestation {

/// @param key EC P-256. @return "HEADER.PAYLOAD.SIGNATURE", each in base64url
std::string signed_jws(const base::PrivateKey& key, const base::Json& header, const base::Json& payload);

/// The parts of a compact JWS. Nothing of it is to be believed before the signature is verified over `message`.
struct Jws {
  base::Json header, payload;
  std::string message;  ///< "HEADER.PAYLOAD", as it was signed
  base::Buffer signature;
  /// @param name for messages. @throws Error{malformed}
  static Jws parse(std::string_view text, std::string_view name);
};

}  // namespace attestation
