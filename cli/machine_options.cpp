#include "cli/machine_options.h"

#include "base/error.h"
#include "cli/flag_values.h"
#include "cli/fw_cfg_source.h"

namespace cli {
namespace {

[[noreturn]] void wanted(const std::string& flag, const std::string& what, const std::string& got) {
  throw base::Error(base::Kind::usage, flag + ": got '" + got + "', wanted " + what);
}

provisioner::GuestDevices devices_of(const MachineOptions& options) {
  constexpr unsigned most_disks = 26;
  if (options.devices == "none") return {false, 0};
  if (options.devices != "guest") wanted("--devices", "guest or none", options.devices);
  if (options.disks > most_disks) wanted("--disks", "at most 26", std::to_string(options.disks));
  return {true, options.disks};
}

}  // namespace

base::MiB memory_of(const MachineOptions& options) {
  const base::MiB memory = memory_of("--memory", options.memory);
  if (memory.count < 64) wanted("--memory", "a size from 64MiB such as 512MiB or 4GiB", options.memory);
  return memory;
}

provisioner::TablesRequest tables_request(const MachineOptions& options, base::Tee tee) {
  const std::vector<unsigned> vcpus = vcpu_counts(options.vcpus);
  if (vcpus.size() != 1) wanted("--vcpus", "one number", options.vcpus);
  provisioner::GuestShape shape;
  shape.tee = tee;
  shape.machine = options.machine;
  shape.cpu_model = options.cpu;
  shape.memory = memory_of(options);
  shape.vcpus = vcpus.front();
  shape.devices = devices_of(options);
  return provisioner::tables_request(options.qemu, shape);
}

provisioner::QemuTables installed_qemu_tables(const MachineOptions& options, base::Tee tee) {
  return cached_qemu_tables(tables_request(options, tee), provisioner::default_cache_directory());
}

provisioner::QemuTables tables_of(const std::string& acpi, const MachineOptions& options, base::Tee tee) {
  if (acpi == "qemu") return installed_qemu_tables(options, tee);
  return {read_fw_cfg_folder(acpi), {}};
}

}  // namespace cli
