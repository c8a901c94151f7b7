#pragma once
#include <string>
#include <vector>

#include "provisioner/intent.h"
#include "tenants/tenant.h"

namespace provisioner {

/// The router's name for a pool's uplink: "up-worker".
std::string uplink_interface(base::Pool pool);

/// A tenant's flows as its router sees them: one for each pair of ends that are both at the router. Flows to the
/// tenant's services need none: every pool reaches the service, and only its port.
/// What a flow says and the router cannot do (names, icmp alone) is left out, never widened.
std::vector<FlowIntent> flow_intents(const tenants::Tenant& tenant);

}  // namespace provisioner
