#include "kms/open_connection.h"

#include <algorithm>

#include "base/posix_files.h"
#include "kms/embedded_store.h"
#include "kms/kmip_store.h"
#include "kms/token_store.h"

namespace kms {
namespace {

std::string name_of(const char* provider, const TlsFiles& tls) {
  return std::string(provider) + " " + tls.server.host + ":" + std::to_string(tls.server.port);
}

/// The first line of a file that only its owner may read.
base::Secret read_line(const std::string& path) {
  const base::Secret file = base::read_secret_file(path);
  const base::Bytes all = file.view();
  const auto end = std::find_if(all.begin(), all.end(), [](std::uint8_t c) { return c == '\n' || c == '\r'; });
  return base::Secret(base::Buffer(all.begin(), end));
}

OpenBaoIdentity identity_of(const OpenBaoConnection& connection) {
  switch (connection.method) {
    case OpenBaoMethod::token:
      return OpenBaoToken{read_line(connection.file)};
    case OpenBaoMethod::wrapped_token:
      return OpenBaoWrappedToken{read_line(connection.file)};
    case OpenBaoMethod::jwt:
      return OpenBaoJwt{connection.login_mount, connection.role, [file = connection.file] { return read_line(file); }};
    case OpenBaoMethod::certificate:
      break;
  }
  return OpenBaoCertificate{connection.login_mount, connection.role};
}

struct Open {
  const base::TenantId& tenant;
  const Transports& transports;
  KeyStore operator()(const EmbeddedConnection& at) const {
    return std::move(open_embedded_store({tenant, at.store, 0}, read_key_encryption_key(at.key_file)).keys);
  }
  KeyStore operator()(const TokenConnection& at) const {
    return std::move(open_token_store({tenant, at.store, 0}, at.uri).keys);
  }
  KeyStore operator()(const KmipConnection& at) const {
    return std::move(open_kmip_store({tenant, at.store, 0}, at.key_file, connect_kmip(at, transports)).keys);
  }
  KeyStore operator()(const OpenBaoConnection& at) const {
    return open_openbao_store(tenant, connect_openbao(at, transports), at.mounts);
  }
};

}  // namespace

TlsOptions read_tls(const TlsFiles& files) {
  TlsOptions options;
  options.host = files.server.host;
  options.port = files.server.port;
  options.ca = base::read_file(files.ca);
  if (!files.certificate.empty()) {
    options.certificate = base::read_file(files.certificate);
    options.private_key = base::read_secret_file(files.private_key);
  }
  return options;
}

std::shared_ptr<OpenBaoClient> connect_openbao(const OpenBaoConnection& connection, const Transports& transports) {
  return std::make_shared<OpenBaoClient>(name_of("openbao", connection.tls), connection.name_space,
                                         identity_of(connection), transports.http(read_tls(connection.tls)));
}

KmipClient connect_kmip(const KmipConnection& connection, const Transports& transports) {
  return {name_of("kmip", connection.tls), connection.version, transports.kmip(read_tls(connection.tls))};
}

KeyStore open_connection(const Connection& connection, const Transports& transports) {
  return std::visit(Open{connection.tenant, transports}, connection.provider);
}

}  // namespace kms
