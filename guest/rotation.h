#pragma once
#include <string>

#include "attestation/wire/kbs_client.h"
#include "guest/volumes.h"

namespace guest {

enum class Followed { nothing_to_do, rotated };

/// Brings the keys that open a volume into line with those that the service has for it. While a key rotates the next
/// version is added, the service told, and the version before taken away only after the service's answer, which says
/// that it has only the next one now. What an interruption left, or a rotation that was abandoned, is taken away. The
/// volume may be in use meanwhile, and at each moment some version opens it that the service has.
/// @param volume "worker-0-data"
/// @throws Error{failure} when none of the service's versions opens the disk; whatever session and disk throw
Followed follow_rotation(EncryptedDisk& disk, attestation::wire::AttestedSession& session, const std::string& volume);

}  // namespace guest
