#pragma once
#include "base/bytes.h"

namespace base {

/// The two numbers of an ECDSA signature, r||s, each big-endian and padded to `coordinate` bytes (32 for P-256, 48 for
/// P-384), as JOSE and COSE write them; PrivateKey::sign() writes DER. Source: RFC 9053, section 2.1.
/// @throws Error{malformed} when `der` is no ECDSA signature or its numbers are larger
Buffer raw_ecdsa_signature(Bytes der, std::size_t coordinate);

/// The inverse. @param raw r||s, an even number of bytes
Buffer der_ecdsa_signature(Bytes raw);

}  // namespace base
