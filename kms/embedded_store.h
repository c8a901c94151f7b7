#pragma once
#include <string>

#include "base/secret.h"
#include "kms/file_store.h"
#include "kms/sealing_tpm.h"

namespace kms {

/// Bulkhead's own store: keys are wrapped in their records, under a key-encryption key that is kept elsewhere. Placed
/// at the operator's host it protects against other tenants only: who reads both has the keys.
/// @param keys 32 bytes each; a store still under `previous` is brought under `current`: file and keys, whole or not
FileStore open_embedded_store(const FileStoreOptions& options, KeyEncryptionKeys keys);

/// The key-encryption key in a file. @param key_file base64 of 32 bytes, mode 0600, or that sealed to a TPM
/// (sealed_secret.h). @param tpm which one; asked only for a sealed file
base::Secret read_key_encryption_key(const std::string& key_file, const std::string& tpm = default_tpm);

}  // namespace kms
