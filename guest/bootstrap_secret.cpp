#include "guest/bootstrap_secret.h"

#include <algorithm>

#include "base/error.h"

namespace guest {
namespace {

std::string bootstrap_path(const base::GuestId& guest) {
  return "resource/bulkhead/bootstrap/" + std::string(base::name_of(guest.pool)) + "-" + std::to_string(guest.index);
}

}  // namespace

base::Secret fetch_bootstrap_secret(const base::GuestId& guest, const Connect& connect,
                                    attestation::wire::EvidenceMaker& evidence, const Patience& patience) {
  std::chrono::milliseconds pause = patience.first_pause, waited{0};
  for (;;) {
    try {
      return attestation::wire::fetch_resource(*connect(), evidence, bootstrap_path(guest));
    } catch (const base::Error& error) {
      if (error.kind() != base::Kind::host || waited + pause > patience.total) throw;
    }
    patience.wait(pause);
    waited += pause;
    pause = std::min(pause * 2, patience.longest_pause);
  }
}

}  // namespace guest
