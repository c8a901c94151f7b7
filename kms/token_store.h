#pragma once
#include <functional>
#include <string>

#include "base/secret.h"
#include "kms/file_store.h"

namespace kms {

/// Keys are wrapped in their records by a PKCS#11 token, under an AES key that does not leave it.
/// @param uri of that key (base/pkcs11_token.h) @param read_pin as of make_token_key_wrapper()
FileStore open_token_store(const FileStoreOptions& options, const std::string& uri,
                           const std::function<base::Secret(const std::string& path)>& read_pin = nullptr);

}  // namespace kms
