#include "kms/open_for_service.h"

#include "base/pkcs11_token.h"
#include "kms/kmip_store.h"
#include "kms/openbao_token.h"
#include "kms/place_comparison.h"
#include "kms/token_store.h"

namespace kms {
namespace {

/// A guest waits for the answer.
constexpr std::chrono::milliseconds patience{4000};

struct Unfit {
  using Reason = std::optional<std::string>;
  Reason operator()(const EmbeddedConnection& /*at*/) const { return "embedded: the service has that store anyway"; }
  Reason operator()(const TokenConnection& at) const {
    const base::Pkcs11UriParts parts = base::pkcs11_uri_parts(at.uri);
    if (parts.token.empty()) return "uri: wanted token= in it, the token's label";
    if (!parts.module_path.empty())
      return "uri: module-path: the libraries of a host are for its operator to configure";
    return std::nullopt;
  }
  Reason operator()(const KmipConnection& /*at*/) const { return std::nullopt; }
  Reason operator()(const OpenBaoConnection& at) const {
    if (at.method == OpenBaoMethod::wrapped_token)
      return "login: a wrapped token is used up when the service starts again";
    if (at.method == OpenBaoMethod::jwt) return "login: a token in a file expires, and nobody renews it";
    return std::nullopt;
  }
};

OpenedKeys opened(FileStore store) {
  return {std::move(store.keys), &store.records, nullptr, store.key_changed};
}

struct Open {
  const base::TenantId& tenant;
  const ConnectionFiles& files;
  ServiceRecords& records;
  const Transports& transports;
  OpenedKeys operator()(const EmbeddedConnection& /*at*/) const {
    throw base::Error(base::Kind::failure, "kms connection: embedded");
  }
  OpenedKeys operator()(const TokenConnection& at) const {
    return opened(open_token_store({tenant, records.path, 0}, at.uri, files.secret));
  }
  OpenedKeys operator()(const KmipConnection& at) const {
    return opened(
        open_kmip_store({tenant, records.path, 0}, std::move(records.keys), connect_kmip(at, files, transports)));
  }
  OpenedKeys operator()(const OpenBaoConnection& at) const {
    const std::shared_ptr<OpenBaoClient> client = connect_openbao(at, files, transports);
    return {open_openbao_store(tenant, client, at.mounts), nullptr,
            at.method == OpenBaoMethod::token ? make_openbao_token(client) : nullptr};
  }
};

Transports impatient(const Transports& transports) {
  return {[make = transports.http](TlsOptions options) {
            options.patience = patience;
            return make(std::move(options));
          },
          [make = transports.kmip](TlsOptions options) {
            options.patience = patience;
            return make(std::move(options));
          }};
}

}  // namespace

std::optional<std::string> unfit_for_service(const Connection& connection) {
  return std::visit(Unfit{}, connection.provider);
}

OpenedKeys open_for_service(const Connection& connection, const ConnectionFiles& files, const Place& approved,
                            ServiceRecords records, const Transports& transports) {
  std::string problems;
  if (const auto unfit = unfit_for_service(connection)) problems += "\n  " + *unfit;
  for (const std::string& one : differences(connection, files, approved)) problems += "\n  " + one;
  if (!problems.empty())
    throw base::Error(base::Kind::failure,
                      "kms connection: it does not lead to what was approved, " + approved.text() + ":" + problems);
  const Transports used = impatient(transports);
  return std::visit(Open{connection.tenant, files, records, used}, connection.provider);
}

}  // namespace kms
