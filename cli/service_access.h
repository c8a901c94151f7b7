#pragma once
#include <memory>
#include <string>

#include "attestation/admin_client.h"

namespace cli {

/// The way to a tenant's running service: on its host over its socket, from elsewhere as an owner over TLS.
struct ServiceAccess {
  std::string run = "/run/bulkhead";  ///< root of run-time files, where the service's socket is
  std::string url;                    ///< "": the socket; else https://ADDRESS:PORT, and the next two
  std::string ca;                     ///< the tenant's CA certificate, a PEM file
  std::string identity;               ///< IDENTITY.pem and IDENTITY.key of `bulkhead keys owner`
};

/// @throws base::Error{failure} for a file that cannot be read, Error{malformed} for one that does not parse
std::unique_ptr<attestation::AdminClient> open_service(const ServiceAccess& access, const std::string& tenant);

}  // namespace cli
