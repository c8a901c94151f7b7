#pragma once
#include "base/bytes.h"

namespace base {

/// An RSA public key as DER SubjectPublicKeyInfo, the form in which attestation keys are enrolled and sent.
/// @param modulus big-endian, 256 bytes for RSA 2048, top bit set; leading zero bytes are dropped
/// @param exponent as TPM2_ReadPublic gives it; 0 stands for 65537
/// @throws Error{malformed} when the modulus is empty or longer than 512 bytes
/// Source: RFC 3279 section 2.3.1, RFC 8017 appendix A.1.1; TPM 2.0 library part 2, TPMS_RSA_PARMS
Buffer rsa_subject_public_key_info(Bytes modulus, std::uint32_t exponent);

}  // namespace base
