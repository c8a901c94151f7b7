#pragma once
#include <string>
#include <vector>

#include "cli/console.h"

namespace cli {

struct RenderTrusteeOptions {
  std::string tenant;
  std::string approval;                    ///< NAME.approval.json
  std::vector<std::string> approval_keys;  ///< every owner's public key, which must have signed it
  std::string service_bundle;              ///< NAME.service.json: its URL, TLS key and token key become Trustee's
  std::string ca;                          ///< the tenant's CA certificate
  std::vector<std::string> evidence;       ///< files of `evidence save`, one a guest: their enrolled keys (emulated)
  std::string directory = "/etc/trustee";  ///< where the files will be on Trustee's machine
  std::string out;                         ///< a new directory
};

/// Writes a complete configuration of an owner's own Trustee that appraises as the approval says.
int render_trustee(const RenderTrusteeOptions& options, Console& console);

}  // namespace cli
