#pragma once
#include <memory>
#include <optional>
#include <string>

#include "base/units.h"
#include "kms/file_records.h"
#include "kms/key_store.h"

/// Stores whose records are in a file of ours; they differ in where the keys are: embedded_store.h, token_store.h and
/// kmip_store.h, each in a file of its own, so that a program links the libraries of those it opens.
namespace kms {

struct FileStoreOptions {
  base::TenantId tenant;
  std::string path;                    ///< the store's file; made with mode 0600 when there is none
  std::uint64_t noted_generation = 0;  ///< FileRecordsOptions
};

struct FileStore {
  KeyStore keys;
  FileRecords& records;      ///< of `keys`, and as long-lived
  bool key_changed = false;  ///< the file was still under the key-encryption key before, and is no more
};

/// The key-encryption key that a file may still be under, and what becomes of handles when it changes.
struct KeyChange {
  KeyWrapper& previous;
  HandleChange handle;
};

/// A store whose handles are no wrapped keys, so that only the file itself is under the key.
FileStore open_store_of_handles(const FileStoreOptions& options, KeyEncryptionKeys keys,
                                std::unique_ptr<KeyMaterial> material);

struct OpenedRecords {
  std::unique_ptr<FileRecords> records;
  bool key_changed = false;
};
/// The records alone, for a file layer of its own (FileRecordsOptions::vfs); otherwise as open_file_store().
OpenedRecords open_records_under_either(const FileRecordsOptions& options, KeyWrapper& wrapper,
                                        const std::optional<KeyChange>& change);

/// @param wrapper holds the key that the file's own key is wrapped under; it is not used any more afterwards
/// @param change a file that is still under `previous` is brought under `wrapper`, whole or not at all; nullopt: no
/// other key is tried
FileStore open_file_store(const FileStoreOptions& options, KeyWrapper& wrapper, std::unique_ptr<KeyMaterial> material,
                          const std::optional<KeyChange>& change = std::nullopt);

}  // namespace kms
