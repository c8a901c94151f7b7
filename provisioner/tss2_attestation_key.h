#pragma once
#include <string>

#include "base/bytes.h"

namespace provisioner {

/// The handle under which a guest finds its attestation key.
inline constexpr std::uint32_t attestation_key_handle = 0x81010002;

/// Makes the attestation key of a guest in the TPM that listens on a Unix socket: a restricted signing RSA 2048 key
/// that cannot leave the TPM (RSASSA with SHA-256), a primary key of the endorsement hierarchy, made persistent at
/// attestation_key_handle. @param socket swtpm's data socket; its control socket is beside it with ".ctrl"
/// @return its SubjectPublicKeyInfo, DER, 294 bytes
/// Source: TCG TPM 2.0 library part 3, TPM2_CreatePrimary and TPM2_EvictControl. @throws Error{host}
base::Buffer make_attestation_key(const std::string& socket);

}  // namespace provisioner
