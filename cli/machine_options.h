#pragma once
#include <string>

#include "measurement/launch_configuration.h"
#include "provisioner/qemu_tables.h"

namespace CLI {
class App;
}

namespace cli {

inline constexpr const char* default_qemu = "qemu-system-x86_64";

/// The machine of a launch without a tenant file, as texts, and the QEMU that makes it.
struct MachineOptions {
  std::string vcpus = "1";
  std::string memory = "1GiB";
  std::string machine = "q35";
  std::string cpu = "qemu64";
  std::string devices = "guest";  ///< "guest": those of a guest that `apply` defines; "none": no PCI device
  unsigned disks = 2;             ///< of "guest": root image, config disk, data volumes
  std::string qemu = default_qemu;
};

/// Adds --devices, --disks and --qemu.
void add_device_options(CLI::App& verb, MachineOptions& options);
/// Adds these and --vcpus and --cpu: what QEMU is asked for its tables with.
void add_qemu_options(CLI::App& verb, MachineOptions& options);
/// Adds --memory and --machine.
void add_machine_options(CLI::App& verb, MachineOptions& options);

/// @throws Error{usage} naming the flag that makes no sense
base::MiB memory_of(const MachineOptions& options);
/// What QEMU's tables of the machine follow from. @throws Error{usage} likewise, also for several numbers of vCPUs
provisioner::TablesRequest tables_request(const MachineOptions& options, base::Tee tee);
/// The tables of the QEMU that is installed here, from the cache of this user.
provisioner::QemuTables installed_qemu_tables(const MachineOptions& options, base::Tee tee);

/// The value of --acpi: "qemu" asks the installed one, anything else is a folder with a dump (fw_cfg_source.h). A dump
/// does not say which QEMU made it: then `version` stays 0.0.
provisioner::QemuTables tables_of(const std::string& acpi, const MachineOptions& options, base::Tee tee);

}  // namespace cli
