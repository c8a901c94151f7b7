#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/secret.h"

/// What an OpenBao or Vault server says. Pure. Members we do not know are passed over, since the API grows; the ones we
/// read must be there and of their type.
/// Source: OpenBao 2.6 API documentation ("HTTP API", "KV secrets engine - version 2", "Transit", "JWT/OIDC", "TLS
/// certificates", "/sys/wrapping/unwrap", "Token auth method")
namespace kms {

/// An answer's JSON; null for an empty body. @throws Error{malformed}
base::Json parse_openbao_body(base::Bytes body);
/// The server's own id of the request, as in its audit log; "" when the answer has none.
std::string openbao_request_id(const base::Json& body);
/// The server's words, printable, at most 200 characters; "" when there are none.
std::string openbao_errors(const base::Json& body);

struct OpenBaoLogin {
  base::Secret token;
  std::int64_t seconds = 0;  ///< how long the token is valid; 0: without end
  bool renewable = false;
};
/// Of a login, or a token that was renewed.
OpenBaoLogin parse_openbao_login(const base::Json& body);

/// A token, looked up by itself.
struct OpenBaoTokenFacts {
  std::optional<std::int64_t> seconds;  ///< that are left; nullopt: without end
  std::int64_t granted = 0;             ///< seconds it was made for
  std::int64_t period = 0;              ///< seconds that each renewal gives, for ever; 0: none
  bool renewable = false;
  std::vector<std::string> policies;  ///< of the token and of whom it stands for, printable, sorted
};
OpenBaoTokenFacts parse_openbao_token(const base::Json& body);

/// A version of a secret of KV v2.
struct OpenBaoSecret {
  std::string record;  ///< its one member
  std::uint64_t version = 0;
};
/// nullopt when its newest version was deleted.
std::optional<OpenBaoSecret> parse_openbao_secret(const base::Json& body);
/// A secret of KV v2 that is a guest's own key: its member `key`, base64 of 32 bytes.
base::Secret parse_openbao_guest_key(const base::Json& body);
/// Names in a folder of KV v2; those that end with a slash are folders.
std::vector<std::string> parse_openbao_list(const base::Json& body);
/// A data key that transit wrapped: "vault:v1:..".
std::string parse_openbao_ciphertext(const base::Json& body);
/// What transit decrypted.
base::Secret parse_openbao_plaintext(const base::Json& body);

}  // namespace kms
