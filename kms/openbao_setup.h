#pragma once
#include <string>
#include <vector>

#include "base/json.h"
#include "base/units.h"

/// What an owner writes into her OpenBao before her tenant's keys can be there: for its guests (passport_setup.h) or
/// for its attestation service (service_setup.h). Pure; there is no secret in it.
namespace kms {

/// One write to a path in the tenant's namespace.
struct OpenBaoWrite {
  std::string path;  ///< below /v1/
  base::Json body;
  std::string unless;  ///< not to be repeated: when this path can be read it was done; "": it can
};

struct OpenBaoSetup {
  base::TenantId tenant;
  std::string name_space;  ///< "": the root namespace
  std::vector<OpenBaoWrite> writes;
  std::vector<std::string> remarks{};  ///< lines for who runs the script, at its end
};

/// Mounts a KV engine of version 2. @param path "cvm/kv"
OpenBaoWrite openbao_kv_engine(const std::string& path);
/// Mounts a transit engine. @param path "cvm/transit"
OpenBaoWrite openbao_transit_engine(const std::string& path);
/// Mounts a login with client certificates. @param path "cvm/cert"
OpenBaoWrite openbao_certificate_login(const std::string& path);
OpenBaoWrite openbao_policy(const std::string& name, const std::string& text);

/// The writes as commands of `bao`, for sh(1); they can be run again.
std::string openbao_script(const OpenBaoSetup& setup);
/// {"schema":"bulkhead.kms-policy/v1","tenant","namespace","writes":[{"path","body","unless":text|null}]}
base::Json openbao_setup_document(const OpenBaoSetup& setup);

}  // namespace kms
