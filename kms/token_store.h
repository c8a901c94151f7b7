#pragma once
#include <string>

#include "kms/file_store.h"

namespace kms {

/// Keys are wrapped in their records by a PKCS#11 token, under an AES key that does not leave it.
/// @param uri of that key (base/pkcs11_token.h)
FileStore open_token_store(const FileStoreOptions& options, const std::string& uri);

}  // namespace kms
