#include "kms/token_store.h"

#include "kms/token_key_wrapper.h"
#include "kms/wrapped_material.h"

namespace kms {

FileStore open_token_store(const FileStoreOptions& options, const std::string& uri,
                           const std::function<base::Secret(const std::string& path)>& read_pin) {
  const std::shared_ptr<KeyWrapper> wrapper = make_token_key_wrapper(uri, read_pin);
  return open_file_store(options, *wrapper, make_wrapped_material("pkcs11 " + options.path, wrapper));
}

}  // namespace kms
