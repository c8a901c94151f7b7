#pragma once
#include <string>

#include "base/initdata.h"

namespace guest {

/// Gives `interface` its one address as ADDRESS/32, the gateway as on-link next hop and the default route through it,
/// raises it and the loopback interface, and turns IPv6 off. No DHCP, no name service.
/// @throws Error{host} naming the step and the kernel's reason
void configure_network(const std::string& interface, const base::Initdata::Network& network);

}  // namespace guest
