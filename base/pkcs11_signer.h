#pragma once
#include <memory>
#include <string>

#include "base/signer.h"

namespace base {

/// Signs with an Ed25519, EC P-256 or EC P-384 key that stays in a PKCS#11 token (p11kit_signer.cpp).
/// @param uri of a token (base/pkcs11_token.h). Its attributes must name exactly one private key; its public key must
/// be beside it in the token.
/// @throws Error{usage} for a URI that is none, Error{failure} when there is no such key, Error{host} when the token
/// says no
std::unique_ptr<Signer> pkcs11_signer(const std::string& uri);

}  // namespace base
