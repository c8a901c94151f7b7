#pragma once
#include <string>

#include "base/units.h"
#include "kms/file_records.h"
#include "kms/key_store.h"

namespace kms {

struct EmbeddedOptions {
  base::TenantId tenant;
  std::string path;                    ///< the store's file; made with mode 0600 when there is none
  std::string key_file;                ///< the key-encryption key, base64 of 32 bytes, mode 0600
  std::uint64_t noted_generation = 0;  ///< FileRecordsOptions
};

/// A store whose records are in a file of ours.
struct FileStore {
  KeyStore keys;
  std::uint64_t generation = 0;  ///< of the file when it was opened (FileRecords)
};

/// Bulkhead's own store: records in a file, keys wrapped in them, the key-encryption key in another file. Placed at the
/// operator's host it protects against other tenants only: who reads both files has the keys.
FileStore open_embedded_store(const EmbeddedOptions& options);

/// Makes the file empty and with mode 0600 when there is none, so that a database never has another mode.
void make_private_file(const std::string& path);

}  // namespace kms
