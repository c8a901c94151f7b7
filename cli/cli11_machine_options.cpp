#include <CLI/CLI.hpp>

#include "cli/machine_options.h"

namespace cli {

void add_device_options(CLI::App& verb, MachineOptions& options) {
  verb.add_option("--devices", options.devices, "guest: those of a guest that apply defines; none: no PCI device")
      ->capture_default_str();
  verb.add_option("--disks", options.disks, "how many disks that guest has")->capture_default_str();
  verb.add_option("--qemu", options.qemu, "the QEMU to ask for its tables")->capture_default_str();
}

void add_qemu_options(CLI::App& verb, MachineOptions& options) {
  verb.add_option("--vcpus", options.vcpus, "number of virtual CPUs")->capture_default_str();
  verb.add_option("--cpu", options.cpu, "QEMU's CPU model")->capture_default_str();
  add_device_options(verb, options);
}

void add_machine_options(CLI::App& verb, MachineOptions& options) {
  verb.add_option("--memory", options.memory, "the guest's memory: 512MiB, 4GiB")->capture_default_str();
  verb.add_option("--machine", options.machine, "QEMU's machine type: pc-q35-10.0")->capture_default_str();
}

}  // namespace cli
