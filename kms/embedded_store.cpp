#include "kms/embedded_store.h"

#include "kms/sealed_secret.h"
#include "kms/wrapped_material.h"

namespace kms {

base::Secret read_key_encryption_key(const std::string& key_file, const std::string& tpm) {
  const base::Secret text = read_secret(key_file, tpm);
  return parse_key_encryption_key(text.view(), "key-encryption key " + key_file);
}

FileStore open_embedded_store(const FileStoreOptions& options, KeyEncryptionKeys keys) {
  const std::shared_ptr<KeyWrapper> wrapper = make_key_wrapper(std::move(keys.current));
  auto material = make_wrapped_material("embedded " + options.path, wrapper);
  if (!keys.previous) return open_file_store(options, *wrapper, std::move(material));
  const std::unique_ptr<KeyWrapper> previous = make_key_wrapper(*std::move(keys.previous));
  return open_file_store(options, *wrapper, std::move(material),
                         KeyChange{*previous, [&](const MaterialId& id, base::Bytes handle) {
                                     return rewrapped(*previous, *wrapper, id, handle);
                                   }});
}

}  // namespace kms
