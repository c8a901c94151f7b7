#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/sealed_archive.h"
#include "attestation/store.h"

/// A copy of everything a tenant's service keeps but its audit log, that only the holder of the owner's backup key can
/// read. Bytes in, bytes out; which files there are is the caller's business.
namespace attestation {

/// A service's files, which it wipes.
struct Backup : SecretFiles {
  std::string tenant;
  std::int64_t time_ms = 0;  ///< when it was made, milliseconds since the epoch
  base::Sha256 audit_head;   ///< of the service's audit log at that moment

  /// The content of a file. @throws Error{failure} when it is not there
  [[nodiscard]] const std::string& file(std::string_view path) const;
};

/// sealed_archive.h with a line of `bulkhead.service-backup/v1`: tenant, time, audit head.
/// @param recipient EC P-256. @throws Error{malformed} for another kind of key
base::Buffer sealed_backup(const Backup& backup, const base::PublicKey& recipient);
/// @throws Error{malformed} when it is no backup; Error{failure} when it is for another key or was changed
Backup opened_backup(base::Bytes sealed, const base::PrivateKey& key);
/// The part of opened_backup() behind the seal: what the line and the archive say once both are known to be the
/// sealer's. @throws Error{malformed}
Backup unsealed_backup(std::string_view line, base::Bytes archive);

/// The boot counts of a restored service go on this much higher, so that none is given twice.
inline constexpr std::int64_t boots_between_generations = 1000;

/// The key store's generation goes on this much higher: further than any store counts writes in its life, so that who
/// noted one after the backup was made still finds an older file out.
inline constexpr std::uint64_t key_writes_between_generations = 1'000'000;

/// What a restore does to a copy of the database: the next generation begins at `now_ms`, every lease has ended, and
/// boots count on higher. @param why for `status` and the audit log @return the generation's number
std::int64_t begin_next_generation(Store& store, std::int64_t now_ms, const std::string& why);

}  // namespace attestation
