#pragma once
#include <memory>
#include <string>

#include "base/units.h"
#include "kms/file_records.h"
#include "kms/key_store.h"
#include "kms/kmip_client.h"

/// Stores whose records are in a file of ours; they differ in where the keys are.
namespace kms {

struct FileStoreOptions {
  base::TenantId tenant;
  std::string path;                    ///< the store's file; made with mode 0600 when there is none
  std::uint64_t noted_generation = 0;  ///< FileRecordsOptions
};

struct FileStore {
  KeyStore keys;
  std::uint64_t generation = 0;  ///< of the file when it was opened (FileRecords)
};

/// Bulkhead's own store: keys are wrapped in their records, under the key-encryption key in another file. Placed at the
/// operator's host it protects against other tenants only: who reads both files has the keys.
/// @param key_file base64 of 32 bytes, mode 0600
FileStore open_embedded_store(const FileStoreOptions& options, const std::string& key_file);

/// Keys are wrapped in their records by a PKCS#11 token, under an AES key that does not leave it.
/// @param uri of that key (base/pkcs11_token.h)
FileStore open_token_store(const FileStoreOptions& options, const std::string& uri);

/// Keys are in a KMIP server. @param key_file as above; here it protects the records only
FileStore open_kmip_store(const FileStoreOptions& options, const std::string& key_file, KmipClient client);

}  // namespace kms
