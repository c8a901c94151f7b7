#pragma once
#include <functional>
#include <string>
#include <vector>

#include "attestation/wire/kbs_client.h"
#include "guest/volumes.h"

namespace guest {

/// The keys of the versions that the service has just named, each 32 bytes: the current one and, while the key rotates,
/// the next one.
using KeysOf = std::function<std::vector<base::Secret>(const attestation::wire::VolumeVersions& versions)>;

enum class Followed { nothing_to_do, rotated };

/// Brings the keys that open a volume into line with those that there are for it. While a key rotates the next
/// version is added, the service told, and the version before taken away only after the service's answer, which says
/// that it has only the next one now. What an interruption left, or a rotation that was abandoned, is taken away. The
/// volume may be in use meanwhile, and at each moment some version opens it that the service has.
/// @param volume "worker-0-data" @param keys_of is asked only where there is something to do
/// @throws Error{failure} when none of these versions opens the disk; whatever session, disk and keys_of throw
Followed follow_rotation(EncryptedDisk& disk, attestation::wire::AttestedSession& session, const std::string& volume,
                         const KeysOf& keys_of);

}  // namespace guest
