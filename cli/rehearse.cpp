#include "cli/rehearse.h"

#include <filesystem>

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/boot_files.h"
#include "cli/rehearsal_report.h"
#include "measurement/measure.h"
#include "measurement/pcr1.h"
#include "measurement/uki_boot.h"
#include "provisioner/rehearsal.h"
#include "provisioner/temporary_directory.h"

namespace cli {
namespace {

using measurement::Prediction;
using provisioner::QemuTables;

void check_usage(const RehearseOptions& options) {
  if (options.files.kernel.has_value() == options.uki.has_value())
    throw base::Error(base::Kind::usage, "wanted either --kernel or --uki");
  if (options.uki && options.files.initrd)
    throw base::Error(base::Kind::usage, "--initrd: put it into the unified kernel image");
}

Prediction predict_direct_boot(const RehearseOptions& options, const QemuTables& tables) {
  const BootFiles files = map_boot_files(options.files, KernelCheck::none);
  measurement::BootImages images(files.bytes());
  measurement::LaunchConfiguration launch;
  launch.memory = memory_of(options.machine);
  launch.machine = options.machine.machine;
  launch.command_line = options.files.command_line.value_or("");
  launch.hypervisor = tables.version;
  images.set_fw_cfg_files(tables.files);
  return measurement::predict_direct_boot(measurement::boot_inputs(launch, images));
}

Prediction predict_unified_image(const RehearseOptions& options, const QemuTables& tables) {
  const base::MappedFile firmware(options.files.firmware), uki(*options.uki);
  const measurement::FirmwareProfile profile = measurement::detect_firmware_profile(firmware.bytes());
  measurement::UkiInputs inputs = measurement::uki_inputs(profile, {uki.bytes(), {}, {}, {}}, {});
  inputs.load_options = options.files.command_line.value_or("");
  measurement::add_pcr1(inputs, tables.files);
  Prediction prediction;
  prediction.events = measurement::predict_uki_events(inputs);
  prediction.alternatives = measurement::uki_alternatives(inputs);
  return prediction;
}

provisioner::Rehearsal rehearsal_of(const RehearseOptions& options, const std::string& folder) {
  provisioner::Rehearsal rehearsal;
  rehearsal.program = options.machine.qemu;
  rehearsal.shape = tables_request(options.machine, base::Tee::emulated).shape;
  rehearsal.firmware = options.files.firmware;
  rehearsal.kernel = options.uki ? *options.uki : *options.files.kernel;
  rehearsal.initrd = options.files.initrd;
  rehearsal.command_line = options.files.command_line.value_or("");
  rehearsal.timeout_seconds = options.timeout;
  rehearsal.folder = folder;
  return rehearsal;
}

std::vector<std::string> launched(const RehearseOptions& options, const QemuTables& tables) {
  const MachineOptions& machine = options.machine;
  return {"QEMU " + std::to_string(tables.version.major) + "." + std::to_string(tables.version.minor) + " (" +
              machine.qemu + "), emulated, machine " + machine.machine + ", CPU " + machine.cpu,
          machine.vcpus + " vCPU, " + machine.memory + ", " +
              (machine.devices == "guest" ? std::to_string(machine.disks) + " disks, network, entropy device"
                                          : std::string("no PCI device")),
          "firmware " + options.files.firmware,
          options.uki ? "unified kernel image " + *options.uki
                      : "kernel " + *options.files.kernel +
                            (options.files.initrd ? ", initrd " + *options.files.initrd : std::string(", no initrd"))};
}

void keep(const std::string& folder, const provisioner::RehearsedBoot& boot, const QemuTables& tables) {
  base::write_file_atomically(folder + "/event-log.bin", boot.log_bytes, 0644);
  for (const auto& [name, bytes] : tables.files) {
    const std::filesystem::path file = std::filesystem::path(folder) / "fw_cfg" / name;
    std::filesystem::create_directories(file.parent_path());
    base::write_file_atomically(file.string(), bytes, 0644);
  }
}

/// The folder of --keep, which must be new or empty.
void make_folder(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) throw base::Error(base::Kind::failure, "--keep: cannot make " + path + ": " + failed.message());
  if (!std::filesystem::is_empty(path)) throw base::Error(base::Kind::usage, "--keep: " + path + " is not empty");
}

}  // namespace

int rehearse(const RehearseOptions& options, Console& console) {
  check_usage(options);
  const provisioner::TemporaryDirectory scratch;
  const std::string folder = options.keep.value_or(scratch.path());
  const provisioner::Rehearsal rehearsal = rehearsal_of(options, folder);
  make_folder(folder);
  const QemuTables tables = installed_qemu_tables(options.machine, base::Tee::emulated);
  RehearsalReport report;
  report.launched = launched(options, tables);
  report.prediction = options.uki ? predict_unified_image(options, tables) : predict_direct_boot(options, tables);
  provisioner::RehearsedBoot boot = provisioner::rehearse(rehearsal);
  if (options.keep) keep(folder, boot, tables);
  report.log = std::move(boot.log);
  report.pcrs = std::move(boot.pcrs);
  const RehearsalVerdict verdict = judge(report);
  if (options.json)
    console.out << rehearsal_json(report, verdict).pretty();
  else
    print(report, verdict, console);
  return verdict.difference.empty() ? 0 : base::exit_code(base::Kind::not_attested);
}

}  // namespace cli
