#pragma once
#include <string>

#include "base/openssl_handles.h"
#include "base/signer.h"

namespace base::openssl {

/// Signs a certificate that has everything but a signature, with a key that need not be in this process.
/// @param issuer the certificate of `ca`; the certificate itself when it is to sign itself
/// @return PEM, verified under `issuer`. @throws Error{failure} when it does not verify: `ca` is another key
/// Source: RFC 5280, section 4.1
std::string signed_certificate(x509_st* certificate, x509_st* issuer, const Signer& ca);

}  // namespace base::openssl
