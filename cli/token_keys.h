#pragma once
#include <functional>
#include <string>

#include "base/signer.h"

namespace cli {

/// Makes a key in a PKCS#11 token, and a file of what others need of it.
/// @param uri base::make_pkcs11_key()
/// @param file that is written with mode 0644. One that is there is never replaced, and then nothing is made.
/// @param content of the file, by the new key; when it or the file cannot be made, the token does not keep the key
/// @return the content. @throws Error{failure} when the file exists, and as base::make_pkcs11_key()
std::string make_key_in_token(const std::string& uri, base::PrivateKey::Type type, const std::string& file,
                              const std::function<std::string(const base::Signer&)>& content);

/// Where the private key is, for a person. @param uri "" for OUT.key
std::string private_place(const std::string& out, const std::string& uri);

}  // namespace cli
