#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"

namespace cli {

struct CertificatesImportOptions {
  std::vector<std::string> paths;  ///< files and folders
  std::string store;
  bool json = false;
};

/// Puts what the files bring into a store, each thing once. Nothing is written when anything is refused.
/// @throws base::Error{malformed} for a file that does not parse; Error{not_attested} for what is under no vendor's
/// root
int certificates_import(const CertificatesImportOptions& options, Console& console);

struct CertificatesListOptions {
  std::string store;
  std::optional<std::string> time;
  bool json = false;
};

/// What a store has and until when. Exit 1 when something in it is over (or has not begun) at that time.
int certificates_list(const CertificatesListOptions& options, Console& console);

struct CertificatesReloadOptions {
  std::vector<std::string> tenants;
  std::string run = "/run/bulkhead";  ///< root of run-time files, where the services' sockets are
};

/// Has the tenants' attestation services read their collateral anew. One that cannot keeps what it has, and the others
/// go on: exit 1, or 4 when one does not answer.
int certificates_reload(const CertificatesReloadOptions& options, Console& console);

}  // namespace cli
