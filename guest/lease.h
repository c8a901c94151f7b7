#pragma once
#include "guest/secrets.h"

namespace guest {

/// When a running guest attests again, and what it does then.
struct Renewal {
  std::chrono::milliseconds first{300000};              ///< after it entered its root
  std::chrono::milliseconds retry{15000};               ///< after the service could not be reached
  std::function<void(std::chrono::milliseconds)> wait;  ///< lets that much time pass
  /// Uses the session of each renewal, if there is something to use it for; what it throws ends the lease.
  std::function<void(attestation::wire::AttestedSession&)> renewed;
};

/// Keeps this guest's lease at its tenant's service (docs/attestation.md, "One guest, one life"): attests again as
/// often as the service asks, and tries on when it cannot be reached. Returns when the service asks for no more.
/// @throws Error{not_attested} with the service's reason when it refuses this guest; whatever making evidence throws
void keep_lease(const Connect& connect, attestation::wire::EvidenceMaker& evidence, const Renewal& renewal);

}  // namespace guest
