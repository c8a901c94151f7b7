#pragma once
#include <functional>
#include <memory>
#include <string>

#include "kms/key_wrapper.h"

namespace kms {

/// Wraps with an AES-256 key in a PKCS#11 token (RFC 3394, done by the token). AES key wrap knows no context: what a
/// wrapped key is for is bound by whatever holds it, here a sealed record.
/// @param uri of the key (base/pkcs11_token.h) @param read_pin reads the file its pin-source names; nullptr: from disk
/// @throws Error{failure} also when the key is no AES-256 key or could leave the token
std::unique_ptr<KeyWrapper> make_token_key_wrapper(
    const std::string& uri, const std::function<base::Secret(const std::string& path)>& read_pin = nullptr);

}  // namespace kms
