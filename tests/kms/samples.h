#pragma once
#include <string>

#include "base/units.h"
#include "kms/release_policy.h"

/// One tenant, its key's policy and the guest it is for.
namespace kms::samples {

inline const base::TenantId acme{"acme"};
inline const Measurement approved(96, 'a');

inline ReleasePolicy policy() {
  return {acme, base::Pool::worker, 0, {approved, Measurement(64, 'b')}};
}
inline Requester guest() {
  return {{acme, base::Pool::worker, 0}, approved};
}

}  // namespace kms::samples
