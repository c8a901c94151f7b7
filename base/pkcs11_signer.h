#pragma once
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/signer.h"

namespace base {

/// Signs with an Ed25519, EC P-256 or EC P-384 key that stays in a PKCS#11 token (p11kit_signer.cpp).
/// @param uri of a token (base/pkcs11_token.h). Its attributes must name exactly one private key; its public key must
/// be beside it in the token.
/// @throws Error{usage} for a URI that is none, Error{failure} when there is no such key, Error{host} when the token
/// says no
std::unique_ptr<Signer> pkcs11_signer(const std::string& uri);

/// The token does not have a mechanism that the kind of key wants.
class Pkcs11MechanismMissing final : public Error {
 public:
  using Error::Error;
};

/// Makes a key pair in the token, where it stays (p11kit_key_maker.cpp): sensitive, not extractable, for signatures
/// only.
/// @param uri names the token, and with `object=` the pair's label; its CKA_ID is 16 random bytes unless `id=` says it
/// @param keep does with the new key what must succeed for the pair to stay, such as writing its public key down; when
/// it throws, the pair is destroyed again
/// @throws Error{usage} for a URI that is none or names no object, Pkcs11MechanismMissing{failure}, Error{failure} when
/// the token has a key of that label or id; Error{host} when it says no, or made a key that could leave it
void make_pkcs11_key(const std::string& uri, PrivateKey::Type type, const std::function<void(const Signer&)>& keep);

}  // namespace base
