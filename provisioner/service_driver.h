#pragma once
#include <map>
#include <memory>
#include <string>

#include "base/secret.h"
#include "provisioner/marked_driver.h"

namespace provisioner {

/// Where services are kept and started from.
struct ServiceRoots {
  std::string store;    ///< "/var/lib/bulkhead"
  std::string run;      ///< "/run/bulkhead"
  std::string program;  ///< bulkhead-attestd
};

/// Tenants' attestation services: state directory with bundle and configuration, and the process.
class ServiceDriver : public MarkedDriver {
 public:
  /// The user id of each tenant's service, which is the owner of its state directory.
  virtual std::map<base::TenantId, std::uint32_t> user_ids() = 0;
};

/// @param bundle `bulkhead.service-bundle/v1`; may be empty when the service has one already
std::unique_ptr<ServiceDriver> make_service_driver(ServiceRoots roots, base::Secret bundle);

}  // namespace provisioner
