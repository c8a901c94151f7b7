#pragma once
#include <optional>

#include "base/bytes.h"

/// Signatures of Windows and UEFI programs (openssl_authenticode.cpp).
namespace base {

/// The digest of a program that a signature is about; its size tells the algorithm: 32 SHA-256, 48 SHA-384.
/// nullopt when `signature` is no PKCS#7 SignedData about a digest of a program by one of these.
/// Source: Windows Authenticode PE Signature Format 1.0, "SpcIndirectDataContent".
std::optional<Buffer> authenticode_digest(Bytes signature);

/// Whether the signature verifies under `certificate` (X.509 DER) as the only one trusted: it is the signer's or, over
/// the certificates in the signature, issued that one. Validity periods do not matter, as in firmware.
/// Source: edk2 CryptoPkg BaseCryptLib, AuthenticodeVerify().
bool authenticode_signed_under(Bytes signature, Bytes certificate);

}  // namespace base
