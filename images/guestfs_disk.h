#pragma once
#include <memory>

#include "images/guest_disk.h"

namespace images {

/// Disks made by libguestfs in its own appliance, which QEMU runs directly and without KVM unless the environment says
/// BULKHEAD_ACCEL=kvm: a /dev/kvm that opens and then hangs its guests is common on nested hosts.
std::unique_ptr<GuestDisk> make_guestfs_disk();

}  // namespace images
