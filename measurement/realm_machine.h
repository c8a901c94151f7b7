#pragma once
#include <optional>
#include <string>

#include "measurement/realm.h"

namespace measurement {

/// What a virtual machine monitor for Arm CCA is told, and what of the host shows in the Realm.
struct RealmMachine {
  RealmParameters host;  ///< what host and hypervisor support; each monitor restricts `ipa_bits`
  unsigned vcpus = 1;
  std::uint64_t memory = 0;              ///< bytes
  base::Bytes firmware, kernel, initrd;  ///< empty: not given
  std::optional<std::string> command_line;
  base::Bytes device_tree;  ///< empty: the monitor's own is generated
};

/// Contents that were generated, and the Realm that views them.
struct PreparedRealm {
  base::Buffer device_tree;
  Realm realm;
};

/// The Realm of QEMU's virt machine (the "rme-guest" series for 9.1): GICv3 with ITS, RAM at 1 GiB. With firmware the
/// kernel and initrd reach it through fw_cfg and are no part of the measurement; the command line then still stands in
/// the device tree. Source: QEMU hw/arm/virt.c, hw/arm/boot.c; veraison/cca-realm-measurements (MIT or Apache-2.0).
/// @throws base::Error{malformed} when the kernel is no arm64 Image; Error{failure} when the machine cannot exist
PreparedRealm qemu_realm(const RealmMachine& machine);

/// The Realm of kvmtool (lkvm run --realm): RAM at 2 GiB, one default network device, PCI transport.
/// Source: kvmtool arm/fdt.c, arm/kvm.c; veraison/cca-realm-measurements. @throws as qemu_realm()
PreparedRealm kvmtool_realm(const RealmMachine& machine);

}  // namespace measurement
