#pragma once
#include <functional>
#include <string>

#include "base/error.h"
#include "base/signer.h"

/// Keys that are made in a PKCS#11 token and stay there (p11kit_key_maker.cpp): sensitive, not extractable, and good
/// for one purpose. The URI names the token, and with `object=` the key's label; its CKA_ID is 16 random bytes unless
/// `id=` says it.
/// @throws Error{usage} for a URI that is none or names no object, Pkcs11MechanismMissing{failure}, Error{failure} when
/// the token has a key of that label or id; Error{host} when it says no, or made another key than was asked for
namespace base {

/// The token does not have a mechanism that the kind of key wants.
class Pkcs11MechanismMissing final : public Error {
 public:
  using Error::Error;
};

/// A key pair that signs.
/// @param keep does with the new key what must succeed for the pair to stay, such as writing its public key down; when
/// it throws, the pair is destroyed again
void make_pkcs11_key(const std::string& uri, PrivateKey::Type type, const std::function<void(const Signer&)>& keep);

/// An AES-256 key that wraps other keys (RFC 3394).
void make_pkcs11_wrapping_key(const std::string& uri);

}  // namespace base
