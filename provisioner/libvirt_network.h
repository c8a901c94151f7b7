#pragma once
#include <memory>

#include "provisioner/libvirt_connection.h"
#include "provisioner/marked_driver.h"

namespace provisioner {

/// libvirt networks that lend a pool's bridge to its guests.
std::unique_ptr<MarkedDriver> make_network_driver(std::shared_ptr<LibvirtConnection> connection);

}  // namespace provisioner
