#pragma once
#include <memory>

#include "provisioner/marked_driver.h"

namespace provisioner {

/// Bridges of one tenant's pool: no address, IPv6 off before the link goes up, no ARP answers, no bridge netfilter.
std::unique_ptr<MarkedDriver> make_bridge_driver();

}  // namespace provisioner
