#pragma once
#include "base/secret.h"
#include "kms/file_store.h"
#include "kms/kmip_client.h"

namespace kms {

/// Keys are in a KMIP server, their records in a file of ours.
/// @param records_key 32 bytes; it protects the records only
FileStore open_kmip_store(const FileStoreOptions& options, base::Secret records_key, KmipClient client);

}  // namespace kms
