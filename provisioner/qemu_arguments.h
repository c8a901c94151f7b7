#pragma once
#include <optional>
#include <string>
#include <vector>

#include "measurement/launch_configuration.h"

namespace provisioner {

/// The devices of a guest besides its platform (chipset, serial port and, for `emulated`, a TPM).
struct GuestDevices {
  bool any = true;     ///< false: no PCI device but the chipset's
  unsigned disks = 2;  ///< root image, config disk, data volumes
  bool operator==(const GuestDevices&) const = default;
};

/// What the guest's ACPI and SMBIOS tables depend on.
struct GuestShape {
  base::Tee tee = base::Tee::emulated;
  std::string machine = "q35";
  std::string cpu_model = "qemu64";
  base::MiB memory{1024};
  unsigned vcpus = 1;
  bool direct_boot = true;  ///< the kernel is given to QEMU (-kernel), which then boots it first
  GuestDevices devices;
};
GuestShape shape_of(const measurement::LaunchConfiguration& launch, const GuestDevices& devices);

/// The QEMU arguments of the machine libvirt makes of domain_xml(): chipset options, processors, memory and devices at
/// the same addresses in the same order, under TCG. What stands behind a device is replaced: disks read as zeros, the
/// network has no peer, the serial port goes to `serial` (a chardev without its id), the TPM to swtpm's socket.
/// Covered: what domain_xml() makes, for `emulated` and `tdx`. Not covered: what only KVM has (split irqchip, TDX
/// itself), and names, UUID, MAC and serial numbers, which no measured table holds.
/// Source: `virsh domxml-to-native qemu-argv` of libvirt 9.0; provisioner/domain_xml.cpp.
std::vector<std::string> guest_arguments(const GuestShape& shape, const std::string& serial,
                                         const std::optional<std::string>& tpm_socket);

}  // namespace provisioner
