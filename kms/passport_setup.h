#pragma once
#include <string>
#include <vector>

#include "kms/openbao_setup.h"

/// What lets a tenant's guests come to their owner's OpenBao themselves (passport.h).
namespace kms {

/// One guest and the only name in its certificate: "spiffe://acme/worker/0".
struct PassportHolder {
  base::GuestId guest;
  std::string uri;
};

struct PassportSetup {
  base::TenantId tenant;
  std::string name_space;  ///< "": the root namespace
  std::string mount;       ///< "cvm": engine cvm/kv, login cvm/cert; "": kv and cert
  std::string ca;          ///< PEM: the tenant's CA, under which the service issues guests' certificates
  std::vector<PassportHolder> holders;
};

/// In this order: the KV engine, the login with certificates, and for each guest a policy and a role. The role takes a
/// certificate under the tenant's CA with the guest's name and gives a token for a minute; the policy lets it read and
/// make secrets below the guest's own path, and neither replace nor delete nor list any.
OpenBaoSetup openbao_setup(const PassportSetup& setup);
/// The policy's name, "bulkhead-acme-worker-0": unlike the rest it may stand beside another tenant's in one namespace.
std::string passport_policy_name(const base::GuestId& guest);

}  // namespace kms
