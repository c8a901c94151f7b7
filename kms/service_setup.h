#pragma once
#include <string>

#include "kms/openbao_setup.h"

/// What a tenant's attestation service needs at its owner's OpenBao to keep the tenant's keys there (openbao_store.h).
namespace kms {

struct ServiceSetup {
  base::TenantId tenant;
  std::string name_space;   ///< "": the root namespace
  std::string mount;        ///< "cvm": engines cvm/kv and cvm/transit, login cvm/cert; "": kv, transit and cert
  std::string certificate;  ///< PEM: what the service shows the server; "": it logs in with a token
};

/// In this order: the engines, the one policy, and with a certificate the login and a role that takes that certificate
/// and no other. Without one a remark has the command that makes a token which the service keeps alive.
OpenBaoSetup openbao_setup(const ServiceSetup& setup);
/// "bulkhead-acme-service".
std::string service_policy_name(const base::TenantId& tenant);

}  // namespace kms
