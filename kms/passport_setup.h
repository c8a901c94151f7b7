#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "base/units.h"

/// What an owner writes into her OpenBao so that her guests can come to it themselves (passport.h). Pure.
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

/// One write to a path in the tenant's namespace.
struct OpenBaoWrite {
  std::string path;  ///< below /v1/
  base::Json body;
  std::string unless;  ///< not to be repeated: when this path can be read it was done; "": it can
};

/// In this order: the KV engine, the login with certificates, and for each guest a policy and a role. The role takes a
/// certificate under the tenant's CA with the guest's name and gives a token for a minute; the policy lets it read and
/// make secrets below the guest's own path, and neither replace nor delete nor list any.
std::vector<OpenBaoWrite> passport_writes(const PassportSetup& setup);
/// The policy's name, "bulkhead-acme-worker-0": unlike the rest it may stand beside another tenant's in one namespace.
std::string passport_policy_name(const base::GuestId& guest);

/// The writes as commands of `bao`, for sh(1); they can be run again. It has no secret in it.
std::string passport_script(const PassportSetup& setup);
/// {"schema":"bulkhead.kms-policy/v1","tenant","namespace","writes":[{"path","body","unless":text|null}]}
base::Json passport_document(const PassportSetup& setup);

}  // namespace kms
