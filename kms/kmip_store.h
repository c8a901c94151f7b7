#pragma once
#include <string>

#include "kms/file_store.h"
#include "kms/kmip_client.h"

namespace kms {

/// Keys are in a KMIP server, their records in a file of ours.
/// @param key_file base64 of 32 bytes, mode 0600; it protects the records only
FileStore open_kmip_store(const FileStoreOptions& options, const std::string& key_file, KmipClient client);

}  // namespace kms
