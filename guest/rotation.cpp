#include "guest/rotation.h"

namespace guest {

Followed follow_rotation(EncryptedDisk& disk, attestation::wire::AttestedSession& session, const std::string& volume,
                         const KeysOf& keys_of) {
  // Asked before the keys are: should another rotation begin in between, the note names a version that is no more.
  const auto at_service = session.volume_versions(volume);
  if (!at_service.next && disk.keys() == 1) return Followed::nothing_to_do;
  const std::vector<base::Secret> keys = keys_of(at_service);
  const std::span<const base::Secret> versions(keys);
  disk.keep_only(versions);
  if (!at_service.next || versions.size() < 2) return Followed::nothing_to_do;
  disk.add_key(versions.front().view(), versions.back().view());
  session.note_rotated(volume, *at_service.next);
  disk.keep_only(versions.subspan(1));
  return Followed::rotated;
}

}  // namespace guest
