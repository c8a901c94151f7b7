#pragma once
#include "base/initdata.h"

namespace guest {

/// Brings up `lo` and the interface with the initdata's MAC address: address/32, an on-link route to the gateway, and
/// the default route through it. IPv6 is switched off first; there is no DHCP.
/// @throws Error{host} naming the step
void bring_up_network(const base::Initdata::Network& network);

}  // namespace guest
