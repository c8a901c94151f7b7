#pragma once
#include <string>
#include <variant>

#include "base/https_url.h"
#include "base/json.h"
#include "base/units.h"
#include "kms/kmip_message.h"
#include "kms/openbao_store.h"

/// Where one tenant's keys are and how to get there, as a document of its owner: bulkhead.kms-connection/v1. It names
/// files with secrets and holds none.
namespace kms {

struct EmbeddedConnection {
  std::string store, key_file;
  std::string tpm;  ///< tpm_address(), of a key file that is sealed to one
};
struct TokenConnection {
  std::string store, uri;
};
/// Paths of PEM files; no certificate, no key: "".
struct TlsFiles {
  base::HttpsUrl server;
  std::string ca, certificate, private_key;
};
struct KmipConnection {
  TlsFiles tls;
  KmipVersion version;
  std::string store, key_file;
  std::string tpm;  ///< as above
};
enum class OpenBaoMethod { token, wrapped_token, jwt, certificate };
struct OpenBaoConnection {
  TlsFiles tls;
  std::string name_space;
  OpenBaoMounts mounts;
  OpenBaoMethod method = OpenBaoMethod::certificate;
  std::string login_mount, role;  ///< of jwt and certificate
  std::string file;               ///< of token, wrapped token and jwt
};

struct Connection {
  base::TenantId tenant;
  std::variant<EmbeddedConnection, TokenConnection, KmipConnection, OpenBaoConnection> provider;
};

/// @throws Error{malformed} naming `name` and the member: unknown, missing or twice, or not exactly one provider
Connection parse_connection(std::string_view text, std::string_view name);

}  // namespace kms
