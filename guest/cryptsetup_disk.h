#pragma once
#include <memory>

#include "guest/volumes.h"

namespace guest {

/// Where a volume's file system is mounted: "/run/bulkhead/volumes/data".
std::string volume_mount_point(const std::string& name);

/// A disk as LUKS2 has it, AES-XTS with a 512-bit key, and an ext4 file system on it. The released key is random, so
/// deriving costs next to nothing: PBKDF2 of 1000 rounds.
/// @param device "/dev/vdc" @param name the volume's
std::unique_ptr<EncryptedDisk> make_encrypted_disk(const std::string& device, const std::string& name);

}  // namespace guest
