#pragma once
#include <memory>

#include "provisioner/marked_driver.h"

namespace provisioner {

/// A tenant's router: a network namespace with a veth into each of its bridges and uplinks, its mark on its loopback.
std::unique_ptr<MarkedDriver> make_router_driver();

}  // namespace provisioner
