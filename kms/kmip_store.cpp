#include "kms/kmip_store.h"

#include "kms/key_wrapper.h"
#include "kms/kmip_material.h"

namespace kms {

FileStore open_kmip_store(const FileStoreOptions& options, base::Secret records_key, KmipClient client) {
  return open_file_store(options, *make_key_wrapper(std::move(records_key)), make_kmip_material(std::move(client)));
}

}  // namespace kms
