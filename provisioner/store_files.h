#pragma once
#include <memory>
#include <string>

#include "provisioner/marked_driver.h"

namespace provisioner {

/// Firmware, kernel and initrd, copied into the tenant's store and verified on the way.
/// @param store root of the tenants' stores: "/var/lib/bulkhead"
std::unique_ptr<MarkedDriver> make_boot_file_driver(const std::string& store);
/// Disks of guests: root images (copied, verified), config disks (made from initdata), data disks (empty, sparse).
/// A data disk with content is never made anew: replacing it only gives it the new mark.
std::unique_ptr<MarkedDriver> make_volume_driver(const std::string& store);

}  // namespace provisioner
