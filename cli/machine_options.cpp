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
  const auto memory = base::parse_size(options.memory);
  if (!memory || memory->count < 64) wanted("--memory", "a size from 64MiB such as 512MiB or 4GiB", options.memory);
  return *memory;
}

provisioner::TablesRequest tables_request(const MachineOptions& options, base::Tee tee) {
  const std::vector<unsigned> vcpus = vcpu_counts(options.vcpus);
  if (vcpus.size() != 1) wanted("--vcpus", "one number", options.vcpus);
  provisioner::TablesRequest request;
  request.program = options.qemu;
  request.shape.tee = tee;
  request.shape.machine = options.machine;
  request.shape.cpu_model = options.cpu;
  request.shape.memory = memory_of(options);
  request.shape.vcpus = vcpus.front();
  request.shape.devices = devices_of(options);
  // The firmware of a TD sees the address width of its host; those have 46 bits and more, of which OVMF uses 46.
  if (tee == base::Tee::tdx) request.width = {"GenuineIntel", 46, true};
  return request;
}

provisioner::QemuTables installed_qemu_tables(const MachineOptions& options, base::Tee tee) {
  return cached_qemu_tables(tables_request(options, tee), provisioner::default_cache_directory());
}

provisioner::QemuTables tables_of(const std::string& acpi, const MachineOptions& options, base::Tee tee) {
  if (acpi == "qemu") return installed_qemu_tables(options, tee);
  return {read_fw_cfg_folder(acpi), {}};
}

}  // namespace cli
