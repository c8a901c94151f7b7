#pragma once
#include <memory>

#include "provisioner/marked_driver.h"

namespace provisioner {

/// The host's own filter of a tenant's bridges: table `inet NAME` in the host's network namespace.
std::unique_ptr<MarkedDriver> make_host_filter_driver();
/// What a tenant's guests may send into their bridges: table `bridge NAME` in the host's network namespace.
std::unique_ptr<MarkedDriver> make_port_filter_driver();
/// The filter of a tenant's router: table `inet bulkhead` in the network namespace NAME.
std::unique_ptr<MarkedDriver> make_router_filter_driver();

}  // namespace provisioner
