#include "guest/secrets.h"

#include <algorithm>

#include "base/error.h"
#include "guest/passport.h"

namespace guest {
namespace {

using attestation::wire::AttestedSession;

/// Holds a whole conversation, from the evidence on, as often as it takes to reach the service.
template <typename Talk>
auto in_session(const Service& service, const Talk& talk) {
  std::chrono::milliseconds pause = service.patience.first_pause, waited{0};
  for (;;) {
    try {
      const auto connection = service.connect();
      AttestedSession session(*connection, service.evidence);
      return talk(session);
    } catch (const base::Error& error) {
      if (error.kind() != base::Kind::host || waited + pause > service.patience.total) throw;
      if (waited.count() == 0 && service.patience.tell) service.patience.tell(error.what());
    }
    service.patience.wait(pause);
    waited += pause;
    pause = std::min(pause * 2, service.patience.longest_pause);
  }
}

}  // namespace

std::string path_name(const base::GuestId& guest) {
  return std::string(base::name_of(guest.pool)) + "-" + std::to_string(guest.index);
}

Secrets fetch_secrets(const base::Initdata& initdata, const Service& service) {
  const std::string name = path_name(initdata.guest);
  return in_session(service, [&](AttestedSession& session) {
    if (initdata.kms) return passport_secrets(initdata, session, service.open_kms);
    Secrets secrets{session.resource("resource/bulkhead/bootstrap/" + name)};
    for (const std::string& volume : initdata.volumes) {
      attestation::wire::VolumeKeys keys = session.volume_keys(name + "-" + volume);
      secrets.rotating = secrets.rotating || keys.versions.size() > 1;
      secrets.volumes.emplace(volume, std::move(keys));
    }
    return secrets;
  });
}

std::vector<base::Secret> fetch_versions(const base::Initdata& initdata, AttestedSession& session,
                                         const OpenKms& open_kms, const std::string& volume,
                                         const attestation::wire::VolumeVersions& versions) {
  if (initdata.kms) return passport_versions(initdata, session, open_kms, volume, versions);
  return session.volume_keys(path_name(initdata.guest) + "-" + volume).versions;
}

void tell_formatted(const base::GuestId& guest, const std::vector<std::string>& volumes, const Service& service) {
  in_session(service, [&](AttestedSession& session) {
    for (const std::string& volume : volumes) session.note_formatted(path_name(guest) + "-" + volume);
  });
}

}  // namespace guest
