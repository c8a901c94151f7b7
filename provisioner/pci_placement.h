#pragma once
#include <optional>
#include <string>

#include "provisioner/machine_bus.h"

/// What OVMF writes into the devices of a q35 machine that QEMU then repeats in its ACPI tables.
namespace provisioner {

/// What CPUID tells the firmware about addresses.
struct AddressWidth {
  std::string vendor = "AuthenticAMD";
  unsigned physical_bits = 40;
  bool gigabyte_pages = false;
};

/// A range of physical addresses; `size` 0 is none.
struct AddressWindow {
  std::uint64_t base = 0, size = 0;
  bool operator==(const AddressWindow&) const = default;
};

/// What the firmware reads from fw_cfg to place that window.
struct WindowInputs {
  base::Buffer memory_map;                           ///< "etc/e820"
  std::optional<std::uint64_t> reserved_memory_end;  ///< "etc/reserved-memory-end"
  std::optional<std::uint32_t> aperture_mib;         ///< "opt/ovmf/X-PciMmio64Mb"
};

/// Where OVMF puts PCI resources above 4 GiB. Source: edk2 OvmfPkg/Library/PlatformInitLib/MemDetect.c.
/// @throws base::Error{malformed} when the memory map is no list of entries
AddressWindow pci_window_above_4g(const AddressWidth& width, const WindowInputs& inputs);

/// Programs the chipset's base addresses and, when a device or bridge of the root bus has a 64-bit range, those ranges
/// from the window's start on: largest first, as edk2's PCI bus driver does. Source: edk2 OvmfPkg PlatformPei,
/// PciHotPlugInitDxe (each hot-plug port reserves 1/256 of a window of more than 32 GiB).
/// Not covered: extra root buses (pxb), bridges behind bridges, and reservation hints of a bridge.
/// @throws base::Error{malformed} when what the devices say does not fit the window
void place_pci_ranges(MachineBus& bus, const AddressWindow& window);

}  // namespace provisioner
