#pragma once
#include <memory>
#include <string>

#include "base/signer.h"

namespace cli {

/// An owner's key: a PEM file with mode 0600, or a "pkcs11:" URI (base/pkcs11_signer.h).
/// @throws Error{failure} when others may read the file, Error{malformed} when it is no key
std::unique_ptr<base::Signer> open_signer(const std::string& key);

}  // namespace cli
