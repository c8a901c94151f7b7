#include "guest/lease.h"

#include "base/error.h"

namespace guest {

void keep_lease(const Connect& connect, attestation::wire::EvidenceMaker& evidence, const Renewal& renewal) {
  std::chrono::milliseconds pause = renewal.first;
  for (;;) {
    renewal.wait(pause);
    try {
      const auto connection = connect();
      attestation::wire::AttestedSession session(*connection, evidence);
      const auto next = session.next_attestation();
      if (renewal.renewed) renewal.renewed(session);
      if (!next) return;
      pause = *next;
    } catch (const base::Error& error) {
      if (error.kind() != base::Kind::host) throw;
      pause = renewal.retry;
    }
  }
}

}  // namespace guest
