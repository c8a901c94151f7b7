#pragma once
#include "kms/file_store.h"
#include "kms/kmip_client.h"

namespace kms {

/// Keys are in a KMIP server, their records in a file of ours.
/// @param records_keys they protect the records only
FileStore open_kmip_store(const FileStoreOptions& options, KeyEncryptionKeys records_keys, KmipClient client);

}  // namespace kms
