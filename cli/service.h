#pragma once
#include <string>

#include "cli/console.h"
#include "cli/service_access.h"

namespace cli {

/// What a service knows of its guests, and whether an approval is loaded.
struct ShowServiceOptions {
  std::string tenant;
  ServiceAccess service;
  bool json = false;
};
int show_service(const ShowServiceOptions& options, Console& console);

/// Gives a running service an approval, which it verifies; `apply` does so too.
struct ApproveServiceOptions {
  std::string tenant;
  std::string approval;  ///< a file of `bulkhead approve`
  ServiceAccess service;
};
int approve_service(const ApproveServiceOptions& options, Console& console);

/// Makes emulated guests' keys known to a service of the owner's.
struct EnrolServiceOptions {
  std::string tenant;
  std::string enrolments;  ///< a file of `apply --enrolments`
  ServiceAccess service;
};
int enrol_service(const EnrolServiceOptions& options, Console& console);

/// Writes config.json for a service that the owner runs herself.
struct ConfigureServiceOptions {
  std::string document;  ///< the tenant's
  std::string out;
};
int configure_service(const ConfigureServiceOptions& options, Console& console);

/// Has a running service revoke and destroy every key; from then on it gives nothing.
struct ShredServiceOptions {
  std::string tenant;
  ServiceAccess service;
  std::string statement;  ///< write the service's signed word for it here, or ""
  bool yes = false;       ///< do not ask
};
int shred_service(const ShredServiceOptions& options, Console& console);

/// Gives a running service the key it signs tokens with from now on.
struct RotateTokenKeyOptions {
  std::string tenant;
  std::string token_key;  ///< a file of `bulkhead keys token`
  ServiceAccess service;
};
int rotate_token_key(const RotateTokenKeyOptions& options, Console& console);

/// Writes a copy of everything a running service keeps, sealed to the owner's backup key, and beside it the audit log's
/// state is named.
struct BackupServiceOptions {
  std::string tenant;
  std::string recipient;  ///< ACME-BACKUP.pub of `bulkhead keys backup`
  std::string out;        ///< must not exist
  ServiceAccess service;
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
