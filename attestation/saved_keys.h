#pragma once
#include <string_view>

#include "attestation/sealed_archive.h"

/// An owner's key files as one file for her safe. Bytes in, bytes out; which files there are is the caller's business.
namespace attestation {

inline constexpr std::size_t most_saved_files = 256;

/// sealed_archive.h with a line of `bulkhead.saved-keys/v1`. @param files each with a name without '/', mode 0600 or
/// 0644, no name twice @param recipient EC P-256
/// @throws Error{failure} when they are not like that; Error{malformed} for another kind of key
base::Buffer sealed_keys(const SecretFiles& files, const base::PublicKey& recipient);
/// @throws Error{malformed} when it is no such file, or has files that are not like that; Error{failure} when it is for
/// another key or was changed
SecretFiles opened_saved_keys(base::Bytes sealed, const base::PrivateKey& key);
/// The part of opened_saved_keys() behind the seal. @throws Error{malformed}
SecretFiles unsealed_keys(base::Bytes archive);

}  // namespace attestation
