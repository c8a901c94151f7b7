#pragma once
#include "measurement/boot_images.h"
#include "measurement/launch_configuration.h"

namespace measurement {

/// Digests of the kernel as the firmware reads it: QEMU's loader may have patched its header. It is as on disk when the
/// firmware asks for etc/boot/kernel and QEMU is 10.0 or later, and for every TD from QEMU 10.2 on.
/// @throws base::Error{malformed} when the kernel does not parse; Error{failure} when this firmware makes the form
/// depend on the hypervisor's version and neither that nor a pinned machine type is known
const BankDigests& kernel_as_read(const LaunchConfiguration& configuration, BootImages& images);

}  // namespace measurement
