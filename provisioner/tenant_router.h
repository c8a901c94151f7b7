#pragma once
#include <cstdint>

#include "provisioner/intent.h"
#include "provisioner/router_ruleset.h"

namespace provisioner {

/// What the router of a tenant lets pass: the declared flows, and the ways to what is outside of it: of its guests to
/// an attestation service or, in the passport model, a KMS of its owner's, or of the service beside the router to the
/// tenant's KMS.
/// @param user_id of the service beside the router, who alone may call the KMS; unused when there is none
RouterRules router_rules(const Intent& intent, std::uint32_t user_id);

}  // namespace provisioner
