#pragma once
#include <chrono>
#include <functional>
#include <memory>

#include "attestation/wire/kbs_client.h"
#include "base/initdata.h"

namespace guest {

/// How long the guest tries to reach a service that may start after it, and how it waits in between.
struct Patience {
  std::chrono::milliseconds first_pause{250}, longest_pause{4000}, total{120000};
  std::function<void(std::chrono::milliseconds)> wait;  ///< lets that much time pass
};

/// Makes a new connection to the tenant's service; a broken one is of no use.
using Connect = std::function<std::unique_ptr<attestation::wire::HttpClient>()>;

/// Proves this guest to its tenant's service and returns the bootstrap secret it releases.
/// A service that cannot be reached is tried again, pauses doubling, until the pauses sum up to `patience.total`;
/// a refusal is final.
/// @throws Error{not_attested} with the service's reason, Error{host} with the last failure to reach it
base::Secret fetch_bootstrap_secret(const base::GuestId& guest, const Connect& connect,
                                    attestation::wire::EvidenceMaker& evidence, const Patience& patience);

}  // namespace guest
