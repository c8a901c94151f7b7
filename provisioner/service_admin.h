#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "attestation/admin_client.h"
#include "base/bytes.h"
#include "base/json.h"
#include "base/units.h"

namespace provisioner {

/// What the operator may ask of a tenant's service over its Unix socket (docs/architecture.md, "admin interface").
class ServiceAdmin {
 public:
  virtual ~ServiceAdmin() = default;
  /// `bulkhead.attestd-state/v1`
  virtual base::Json state() = 0;
  /// @param dsse the signed approval. @throws Error{failure} with the service's reason when it refuses
  virtual void put_approval(const std::string& dsse) = 0;
  /// @param guest "worker-0"; @param key SubjectPublicKeyInfo, DER
  virtual void put_guest_key(const std::string& guest, base::Bytes key) = 0;
  virtual void delete_guest_key(const std::string& guest) = 0;
  /// Revokes and destroys every key of the tenant.
  virtual attestation::ShreddedKeys shred_keys() = 0;
};

/// Connects to a tenant's service; nullptr when none answers.
using OpenServiceAdmin = std::function<std::unique_ptr<ServiceAdmin>(const base::TenantId& tenant)>;

}  // namespace provisioner
