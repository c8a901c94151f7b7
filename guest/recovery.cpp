#include "guest/recovery.h"

#include <algorithm>

#include "attestation/wire/recovery_note.h"
#include "base/error.h"

namespace guest {
namespace {

namespace wire = attestation::wire;

/// Whom the disk's note is sealed to; nobody when somebody made it unreadable.
std::vector<std::string> recipients(const std::string& note) {
  try {
    return wire::recovery_recipients(note);
  } catch (const base::Error&) {
    return {};
  }
}

}  // namespace

Recovery keep_recovery(EncryptedDisk& disk, const wire::VolumeKeys& keys, const std::vector<std::string>& owners) {
  const std::optional<std::string> note = disk.recovery_note();
  if (owners.empty()) {
    if (!note) return Recovery::as_it_was;
    disk.drop_recovery();
    return Recovery::changed;
  }
  std::vector<base::PublicKey> recipients_wanted;
  std::vector<std::string> wanted;
  for (const std::string& owner : owners) {
    recipients_wanted.push_back(base::PublicKey::from_pem(owner, "initdata: recovery"));
    wanted.push_back(recipients_wanted.back().fingerprint().hex());
  }
  std::ranges::sort(wanted);
  if (note && recipients(*note) == wanted) return Recovery::as_it_was;
  const base::Secret key = base::random_secret(32);
  disk.set_recovery(keys.versions, key.view(),
                    [&](int slot) { return wire::recovery_note(key.view(), recipients_wanted, slot); });
  return Recovery::changed;
}

}  // namespace guest
