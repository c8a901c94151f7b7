#pragma once
#include <string>

#include "base/bytes.h"

namespace provisioner {

/// The TPM state of one guest where libvirt looks for it: ROOT/UUID/tpm2, owned by the user that libvirt runs swtpm as.
/// libvirt finds the state made and only sets its PCR banks again, so what is in it stays.

/// The user of `swtpm_user` in qemu.conf; the commented line names the default of this build of libvirt.
/// @param text of qemu.conf
std::string swtpm_user(const std::string& qemu_conf);

/// Makes the state in a directory that exists and is empty, and an attestation key in it (tss2_attestation_key.h).
/// @param directory ROOT/UUID; @param make_key is given the socket of the running TPM
/// @return the key's SubjectPublicKeyInfo. @throws Error{host} in swtpm's own words
base::Buffer make_tpm_state(const std::string& directory, base::Buffer (*make_key)(const std::string& socket));

}  // namespace provisioner
