#include "kms/token_store.h"

#include "base/pkcs11_token.h"
#include "kms/token_key_wrapper.h"
#include "kms/wrapped_material.h"

namespace kms {

FileStore open_token_store(const FileStoreOptions& options, const std::string& uri,
                           const std::function<base::Secret(const std::string& path)>& read_pin) {
  const std::shared_ptr<KeyWrapper> wrapper = make_token_key_wrapper(uri, read_pin);
  const std::string token = base::pkcs11_uri_parts(uri).token;
  const std::string name = "pkcs11 " + (token.empty() ? options.path : "token " + token);
  return open_file_store(options, *wrapper, make_wrapped_material(name, wrapper));
}

}  // namespace kms
