#pragma once
#include <string>

#include "cli/console.h"

namespace cli {

/// Gives a running service the key it signs tokens with from now on.
struct RotateTokenKeyOptions {
  std::string tenant;
  std::string token_key;              ///< a file of `bulkhead keys token`
  std::string run = "/run/bulkhead";  ///< root of run-time files, where the service's socket is
};
int rotate_token_key(const RotateTokenKeyOptions& options, Console& console);

/// Writes a copy of everything a running service keeps, sealed to the owner's backup key, and beside it the audit log's
/// state is named.
struct BackupServiceOptions {
  std::string tenant;
  std::string recipient;              ///< ACME-BACKUP.pub of `bulkhead keys backup`
  std::string out;                    ///< must not exist
  std::string run = "/run/bulkhead";  ///< root of run-time files, where the service's socket is
};
int backup_service(const BackupServiceOptions& options, Console& console);

/// Makes a state directory from a backup, whole or not at all, and begins the service's next generation in it.
struct RestoreServiceOptions {
  std::string tenant;
  std::string from;   ///< a file of backup_service()
  std::string key;    ///< ACME-BACKUP.key
  std::string audit;  ///< the old service's audit.jsonl to go on from, or ""
  std::string state;  ///< the directory to make; "": that of `apply` below `store`, marked as its own
  std::string store = "/var/lib/bulkhead";  ///< root of the tenants' stores
};
int restore_service(const RestoreServiceOptions& options, Console& console);

}  // namespace cli
