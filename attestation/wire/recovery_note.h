#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.h"
#include "base/secret.h"

/// A key that opens a guest's volume when its tenant's service is lost: made by the guest, kept by nobody, and left in
/// the volume's own header sealed to the tenant's owners. Whoever has the disk may read and write the note.
namespace attestation::wire {

/// The note's "type", as a token of LUKS2 has it.
inline constexpr std::string_view recovery_type = "bulkhead-recovery";

/// {"type", "keyslots": ["1"], "keys": [{"recipient": SHA-256 of the owner's SubjectPublicKeyInfo, "jwe": {..}}]}
/// Source: cryptsetup, docs/on-disk-format-luks2.pdf, section 3.6 (type and keyslots); jwe.h
/// @param key 32 bytes @param owners EC P-256, at least one @param slot of the header, that the key opens
std::string recovery_note(base::Bytes key, const std::vector<base::PublicKey>& owners, int slot);

/// Whom a note is sealed to, as it says; sorted. @throws Error{malformed} when it is none
std::vector<std::string> recovery_recipients(std::string_view note);

/// The key. @throws Error{malformed} when it is no note, Error{failure} when it is not sealed to this owner
base::Secret open_recovery_note(std::string_view note, const base::PrivateKey& owner);

}  // namespace attestation::wire
