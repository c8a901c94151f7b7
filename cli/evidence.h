#pragma once
#include <string>

#include "cli/console.h"
#include "cli/service_access.h"

namespace cli {

/// Writes the latest evidence of a guest that its tenant's service accepted, as the guest sent it.
struct SaveEvidenceOptions {
  std::string tenant;
  std::string guest;  ///< "worker/0"
  std::string out;
  ServiceAccess service;
};
int save_evidence(const SaveEvidenceOptions& options, Console& console);

/// Presents saved evidence to a service under a fresh challenge of that service, as whoever intercepted it could. Exit
/// 0 when it is accepted, which no service may do, 5 when it is refused.
struct PresentEvidenceOptions {
  std::string evidence;  ///< a file of save_evidence(), or any attestation request of the protocol
  std::string url;       ///< https://ADDRESS:PORT
  std::string ca;        ///< the tenant's CA certificate, a PEM file
};
int present_evidence(const PresentEvidenceOptions& options, Console& console);

}  // namespace cli
