#pragma once
#include <memory>
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
  FileRecords& records;  ///< of `keys`, and as long-lived
};

/// @param wrapper holds the key that the file's own key is wrapped under; it is not used any more afterwards
FileStore open_file_store(const FileStoreOptions& options, KeyWrapper& wrapper, std::unique_ptr<KeyMaterial> material);

}  // namespace kms
