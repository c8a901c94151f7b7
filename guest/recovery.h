#pragma once
#include <string>
#include <vector>

#include "guest/volumes.h"

namespace guest {

enum class Recovery { as_it_was, changed };

/// Brings an open volume's recovery key (attestation/wire/recovery_note.h) into line with what the owners approved: one
/// key sealed to exactly these owners, made here and wiped, or none without any. A key that is sealed to others goes.
/// @param keys the service's, of which one opens the disk @param owners PEM, EC P-256, as initdata has them
/// @throws whatever the disk throws
Recovery keep_recovery(EncryptedDisk& disk, const attestation::wire::VolumeKeys& keys,
                       const std::vector<std::string>& owners);

}  // namespace guest
