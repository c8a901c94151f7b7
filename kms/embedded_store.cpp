#include "kms/embedded_store.h"

#include "kms/sealed_secret.h"
#include "kms/wrapped_material.h"

namespace kms {

base::Secret read_key_encryption_key(const std::string& key_file, const std::string& tpm) {
  const base::Secret text = read_secret(key_file, tpm);
  return parse_key_encryption_key(text.view(), "key-encryption key " + key_file);
}

FileStore open_embedded_store(const FileStoreOptions& options, base::Secret key_encryption_key) {
  const std::shared_ptr<KeyWrapper> wrapper = make_key_wrapper(std::move(key_encryption_key));
  return open_file_store(options, *wrapper, make_wrapped_material("embedded " + options.path, wrapper));
}

}  // namespace kms
