#pragma once
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/units.h"

/// Who may be given a key: the owner's rule for one key, as the owner's approval says it.
namespace kms {

/// What the hardware or the TPM said it launched: a launch digest, an MRTD, a digest over PCRs.
/// 64 or 96 lower-case hexadecimal digits.
using Measurement = std::string;

struct ReleasePolicy {
  base::TenantId tenant;
  base::Pool pool = base::Pool::control;
  std::optional<unsigned> guest;       ///< index in its pool; nullopt: every guest of the pool
  std::set<Measurement> measurements;  ///< any of these; empty: nobody
  bool operator==(const ReleasePolicy&) const = default;
};

/// A guest whose evidence was verified and appraised, as the attestation service knows it.
struct Requester {
  base::GuestId guest;
  Measurement measurement;
};

/// Every reason why `requester` may not have a key of this policy; empty when it may.
std::vector<std::string> refusals(const ReleasePolicy& policy, const Requester& requester);

/// {"guest": 0 | null, "measurements": [hex..], "pool": "worker", "tenant": "acme"}
base::Json to_json(const ReleasePolicy& policy);
/// @throws Error{malformed} naming `name` and the member
ReleasePolicy parse_release_policy(const base::Json& json, std::string_view name);

}  // namespace kms
