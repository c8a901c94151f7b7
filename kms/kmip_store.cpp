#include "kms/kmip_store.h"

#include "kms/embedded_store.h"
#include "kms/kmip_material.h"

namespace kms {

FileStore open_kmip_store(const FileStoreOptions& options, const std::string& key_file, KmipClient client) {
  return open_file_store(options, *make_key_wrapper(read_key_encryption_key(key_file)),
                         make_kmip_material(std::move(client)));
}

}  // namespace kms
