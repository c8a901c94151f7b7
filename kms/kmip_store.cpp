#include "kms/kmip_store.h"

#include "kms/kmip_material.h"

namespace kms {

FileStore open_kmip_store(const FileStoreOptions& options, KeyEncryptionKeys records_keys, KmipClient client) {
  return open_store_of_handles(options, std::move(records_keys), make_kmip_material(std::move(client)));
}

}  // namespace kms
