#pragma once
#include <memory>
#include <string>

#include "base/signer.h"

namespace base {

/// Signs with a P-384 key that stays in a PKCS#11 token (p11kit_signer.cpp).
/// @param uri RFC 7512, e.g. "pkcs11:token=owner;object=acme-id?pin-source=file:/etc/acme/pin". Its attributes must
/// name exactly one private key; its public key must be beside it in the token. `module-path` names the PKCS#11
/// library, without it p11-kit's configured modules are asked. The PIN is the first line of the file `pin-source`
/// names, which only its owner may read; `pin-value` is refused, because others see a command line.
/// @throws Error{usage} for a URI that is none, Error{failure} when there is no such key, Error{host} when the token
/// says no
std::unique_ptr<Signer> pkcs11_signer(const std::string& uri);

}  // namespace base
