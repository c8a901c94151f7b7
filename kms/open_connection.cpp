#include "kms/open_connection.h"

#include <algorithm>

#include "kms/embedded_store.h"
#include "kms/kmip_store.h"
#include "kms/token_store.h"

namespace kms {
namespace {

std::string name_of(const char* provider, const TlsFiles& tls) {
  return std::string(provider) + " " + tls.server.host + ":" + std::to_string(tls.server.port);
}

/// The first line of a file that only its owner may read.
base::Secret read_line(const ConnectionFiles& files, const std::string& name) {
  const base::Secret file = files.secret(name);
  const base::Bytes all = file.view();
  const auto end = std::find_if(all.begin(), all.end(), [](std::uint8_t c) { return c == '\n' || c == '\r'; });
  return base::Secret(base::Buffer(all.begin(), end));
}

OpenBaoIdentity identity_of(const OpenBaoConnection& connection, const ConnectionFiles& files) {
  switch (connection.method) {
    case OpenBaoMethod::token:
      return OpenBaoToken{read_line(files, connection.file)};
    case OpenBaoMethod::wrapped_token:
      return OpenBaoWrappedToken{read_line(files, connection.file)};
    case OpenBaoMethod::jwt:
      return OpenBaoJwt{connection.login_mount, connection.role,
                        [files, file = connection.file] { return read_line(files, file); }};
    case OpenBaoMethod::certificate:
      break;
  }
  return OpenBaoCertificate{connection.login_mount, connection.role};
}

struct Open {
  const base::TenantId& tenant;
  const std::string& folder;
  const ConnectionFiles files;
  const Transports& transports;
  KeyStore operator()(const EmbeddedConnection& at) const {
    return std::move(open_embedded_store(store(at.store), key(at.key_file, at.tpm)).keys);
  }
  KeyStore operator()(const TokenConnection& at) const {
    return std::move(open_token_store(store(at.store), at.uri, files.secret).keys);
  }
  KeyStore operator()(const KmipConnection& at) const {
    return std::move(
        open_kmip_store(store(at.store), key(at.key_file, at.tpm), connect_kmip(at, files, transports)).keys);
  }
  KeyStore operator()(const OpenBaoConnection& at) const {
    return open_openbao_store(tenant, connect_openbao(at, files, transports), at.mounts);
  }

 private:
  [[nodiscard]] FileStoreOptions store(const std::string& name) const { return {tenant, path_of(name, folder), 0}; }
  [[nodiscard]] base::Secret key(const std::string& name, const std::string& tpm) const {
    return read_key_encryption_key(path_of(name, folder), tpm);
  }
};

}  // namespace

TlsOptions read_tls(const TlsFiles& tls, const ConnectionFiles& files) {
  TlsOptions options;
  options.host = tls.server.host;
  options.port = tls.server.port;
  options.ca = files.text(tls.ca);
  if (!tls.certificate.empty()) {
    options.certificate = files.text(tls.certificate);
    options.private_key = files.secret(tls.private_key);
  }
  return options;
}

std::shared_ptr<OpenBaoClient> connect_openbao(const OpenBaoConnection& connection, const ConnectionFiles& files,
                                               const Transports& transports) {
  return std::make_shared<OpenBaoClient>(name_of("openbao", connection.tls), connection.name_space,
                                         identity_of(connection, files),
                                         transports.http(read_tls(connection.tls, files)));
}

KmipClient connect_kmip(const KmipConnection& connection, const ConnectionFiles& files, const Transports& transports) {
  return {name_of("kmip", connection.tls), connection.version, transports.kmip(read_tls(connection.tls, files))};
}

KeyStore open_connection(const Connection& connection, const std::string& folder, const Transports& transports) {
  return std::visit(Open{connection.tenant, folder, files_on_disk(folder), transports}, connection.provider);
}

}  // namespace kms
