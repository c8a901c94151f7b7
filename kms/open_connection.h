#pragma once
#include <functional>
#include <memory>

#include "kms/connection_files.h"
#include "kms/http.h"
#include "kms/key_store.h"
#include "kms/kmip_client.h"

namespace kms {

/// The ways to a server, which the module bulkhead-kms.so holds: libcurl's.
struct Transports {
  std::function<std::unique_ptr<HttpTransport>(TlsOptions)> http;
  std::function<std::unique_ptr<KmipTransport>(TlsOptions)> kmip;
};

/// Reads the PEM files.
TlsOptions read_tls(const TlsFiles& tls, const ConnectionFiles& files);
std::shared_ptr<OpenBaoClient> connect_openbao(const OpenBaoConnection& connection, const ConnectionFiles& files,
                                               const Transports& transports);
KmipClient connect_kmip(const KmipConnection& connection, const ConnectionFiles& files, const Transports& transports);

/// The tenant's keys, with files on this machine. @param folder of the connection's document: relative paths begin
/// there
/// @throws Error for files that cannot be read; servers are asked at the first use
KeyStore open_connection(const Connection& connection, const std::string& folder, const Transports& transports);

}  // namespace kms
