#include "cli/measure_pcr.h"

#include <algorithm>

#include "base/error.h"
#include "base/posix_files.h"
#include "cli/boot_files.h"
#include "cli/launch_report.h"
#include "measurement/boot_lints.h"
#include "measurement/measure.h"
#include "measurement/pcr1.h"
#include "measurement/secure_boot.h"
#include "measurement/uki_boot.h"

namespace cli {
namespace {

using base::Json;
using measurement::FirmwareProfile;
using measurement::Prediction;

struct PcrReport {
  Prediction prediction;
  std::vector<Assumption> assumed;
  std::vector<std::string> warnings;
};

[[noreturn]] void refuse(const std::string& what) {
  throw base::Error(base::Kind::usage, what);
}

void check_usage(const MeasurePcrOptions& options) {
  if (options.files.kernel.has_value() == options.uki.has_value()) refuse("wanted either --kernel or --uki");
  if (options.uki && options.files.initrd)
    refuse("--initrd: QEMU takes none beside a unified kernel image; put it into the image");
  if (!options.uki && options.disk) refuse("--disk: wanted with --uki only");
  if (options.loader && !options.disk) refuse("--loader: wanted with --disk, on which it is");
  if (options.loader_configuration && !options.loader) refuse("--loader-conf: wanted with --loader");
  if (options.disk && options.files.command_line)
    refuse("--cmdline: nothing passes it to an image that is started from a disk");
  if (options.disk && options.acpi) refuse("--acpi: PCR 1 of a boot from a disk is not predicted");
}

measurement::VariableStore variables_of(const MeasurePcrOptions& options, base::Bytes firmware, PcrReport& report) {
  const bool own = !options.variables && measurement::has_variable_store(firmware);
  report.assumed.push_back({"vars", "variable store",
                            options.variables ? *options.variables
                            : own             ? "firmware"
                                              : "empty",
                            options.variables ? ""
                            : own             ? "the one in the firmware's image"
                                              : "empty, or none"});
  if (own) return measurement::read_variable_store(firmware);
  if (!options.variables) return {};
  return measurement::read_variable_store(base::MappedFile(*options.variables).bytes());
}

void assume_firmware(const FirmwareProfile& profile, PcrReport& report) {
  report.assumed.push_back({"firmware", "firmware", measurement::name_of(profile.generation),
                            std::string(measurement::name_of(profile.generation)) + ", as its image says"});
}

void assume_kernel(bool unpatched, PcrReport& report) {
  report.assumed.push_back({"kernel", "kernel", unpatched ? "file" : "patched",
                            unpatched ? "read by the firmware as it is on disk"
                                      : "its header patched by QEMU's loader, for this memory and command line"});
}

void assume_devices(PcrReport& report) {
  report.assumed.push_back({"deviceRoms", "device ROMs", false, "off (romfile=\"\" for each network card)"});
}

// Under Secure Boot the kernel must be signed, as the firmware reads it.
void check_signature(measurement::BootInputs& inputs, base::Bytes kernel, bool patched) {
  if (!measurement::secure_boot_enabled(inputs.profile, inputs.variables)) return;
  if (patched)
    throw base::Error(base::Kind::failure,
                      "kernel: Secure Boot is on and QEMU patches the kernel's header, so no signature holds: the "
                      "firmware would start it unmeasured; use firmware and QEMU that leave it as it is (edk2 202502, "
                      "QEMU 10.0), or a unified kernel image");
  const base::Buffer entry = measurement::db_entry_of(kernel, inputs.variables);
  if (entry.empty()) throw base::Error(base::Kind::failure, "kernel: no entry of db verifies it");
  inputs.authority = measurement::authority_event("the kernel", entry);
}

/// The hypervisor's tables, when PCR 1 is wanted.
provisioner::QemuTables tables_for(const MeasurePcrOptions& options, PcrReport& report) {
  if (!options.acpi) return {};
  provisioner::QemuTables tables = tables_of(*options.acpi, options.machine, base::Tee::emulated);
  const std::string version = std::to_string(tables.version.major) + "." + std::to_string(tables.version.minor);
  report.assumed.push_back({"acpi", "ACPI tables", *options.acpi,
                            *options.acpi == "qemu" ? "those QEMU " + version + " makes of " + options.machine.vcpus +
                                                          " vCPUs and devices '" + options.machine.devices + "'"
                                                    : *options.acpi});
  return tables;
}

void report_direct_boot(const MeasurePcrOptions& options, PcrReport& report) {
  const BootFiles files = map_boot_files(options.files, KernelCheck::none);
  measurement::BootImages images(files.bytes());
  measurement::LaunchConfiguration configuration;
  configuration.memory = memory_of(options.machine);
  configuration.machine = options.machine.machine;
  configuration.command_line = options.files.command_line.value_or("");
  provisioner::QemuTables tables = tables_for(options, report);
  configuration.hypervisor = tables.version;
  images.set_fw_cfg_files(std::move(tables.files));
  measurement::BootInputs inputs = measurement::boot_inputs(configuration, images);
  assume_firmware(inputs.profile, report);
  const bool patched = inputs.kernel != images.kernel_digests();
  assume_kernel(!patched, report);
  inputs.variables = variables_of(options, files.firmware.bytes(), report);
  check_signature(inputs, files.kernel->bytes(), patched);
  report.prediction = measurement::predict_direct_boot(inputs);
  measurement::LintInputs lint;
  lint.machine = options.machine.machine;
  lint.kernel_version = measurement::kernel_version(files.kernel->bytes());
  lint.command_line = configuration.command_line;
  report.warnings = measurement::boot_warnings(lint);
}

std::string path_text(measurement::UkiPath path) {
  switch (path) {
    case measurement::UkiPath::removable_media:
      return "the image is \\EFI\\BOOT\\BOOTX64.EFI of the disk";
    case measurement::UkiPath::systemd_boot:
      return "systemd-boot is \\EFI\\BOOT\\BOOTX64.EFI of the disk and starts the image";
    case measurement::UkiPath::qemu_kernel:
      return "QEMU -kernel";
  }
  return "";
}

void assume_uki(const measurement::UkiInputs& inputs, PcrReport& report) {
  assume_firmware(inputs.profile, report);
  report.assumed.push_back({"stub", "stub", inputs.uki.stub_version, "systemd-stub " + inputs.uki.stub_version});
  report.assumed.push_back({"path", "started by", path_text(inputs.path), {}});
  if (inputs.path != measurement::UkiPath::qemu_kernel)
    report.assumed.push_back({"espExtras", "beside the image", false, "no credentials, extensions or add-ons"});
}

void report_uki(const MeasurePcrOptions& options, PcrReport& report) {
  const auto mapped = [](const std::optional<std::string>& path) {
    return path ? std::optional<base::MappedFile>(*path) : std::nullopt;
  };
  const auto bytes_of = [](const std::optional<base::MappedFile>& file) {
    return file ? std::optional(file->bytes()) : std::nullopt;
  };
  const base::MappedFile firmware(options.files.firmware), uki(*options.uki);
  const auto disk = mapped(options.disk), loader = mapped(options.loader),
             configuration = mapped(options.loader_configuration);
  const measurement::VariableStore variables = variables_of(options, firmware.bytes(), report);
  measurement::UkiInputs inputs =
      measurement::uki_inputs(measurement::detect_firmware_profile(firmware.bytes()),
                              {uki.bytes(), bytes_of(disk), bytes_of(loader), bytes_of(configuration)}, variables);
  inputs.load_options = options.files.command_line.value_or("");
  measurement::add_pcr1(inputs, tables_for(options, report).files);
  assume_uki(inputs, report);
  report.prediction.events = measurement::predict_uki_events(inputs);
  report.prediction.alternatives = measurement::uki_alternatives(inputs);
  report.warnings = measurement::boot_warnings(
      {base::Tee::emulated, options.machine.machine, true, measurement::kernel_version(inputs.uki.find(".linux")->data),
       &inputs.uki, inputs.path, measurement::kernel_command_line(inputs), false});
}

PcrReport pcr_report(const MeasurePcrOptions& options) {
  check_usage(options);
  PcrReport report;
  options.uki ? report_uki(options, report) : report_direct_boot(options, report);
  report.assumed.push_back({"memory", "memory", options.machine.memory, {}});
  report.assumed.push_back({"machine", "machine", options.machine.machine, {}});
  assume_devices(report);
  return report;
}

Json report_json(const PcrReport& report) {
  Json json = Json::Object{{"schema", "bulkhead.measurement/v1"},
                           {"tee", "emulated"},
                           {"assumed", Json::Object{}},
                           {"pcrs", measurement::registers_json(measurement::fold(report.prediction.events))},
                           {"alternatives", measurement::alternatives_json(report.prediction)},
                           {"events", measurement::events_json(report.prediction.events)},
                           {"warnings", Json::Array{}}};
  for (const Assumption& assumption : report.assumed) json["assumed"][assumption.key] = assumption.value;
  for (const std::string& warning : report.warnings) json["warnings"].push_back(warning);
  return json;
}

void print_registers(const measurement::PcrValues& values, Console& console) {
  const auto line = [&console](const char* bank, unsigned pcr, const std::string& hex) {
    console.out << "  " << bank << " PCR " << pcr << (pcr < 10 ? "   " : "  ") << hex << "\n";
  };
  for (const auto& [pcr, digest] : values.sha256) line("sha256", pcr, digest.hex());
  for (const auto& [pcr, digest] : values.sha384) line("sha384", pcr, digest.hex());
}

void print_open_registers(const Prediction& prediction, const measurement::PcrValues& values, Console& console) {
  for (const measurement::BootEvent& event : prediction.events)
    if (!values.sha256.contains(event.pcr) && event.provenance == measurement::Provenance::unpredictable)
      console.out << "  PCR " << event.pcr << " cannot be predicted: " << event.what << "\n";
}

void print_text(const PcrReport& report, Console& console) {
  console.out << coloured(console, "assumed", "1") << "\n";
  print_lines(report.assumed, console);
  const measurement::PcrValues values = measurement::fold(report.prediction.events);
  console.out << coloured(console, "registers", "1") << "\n";
  print_registers(values, console);
  print_open_registers(report.prediction, values, console);
  for (const Json& alternative : measurement::alternatives_json(report.prediction)) {
    console.out << coloured(console, "or, when " + alternative.at("what").text(), "1") << "\n";
    for (const auto& [bank, registers] : alternative.at("pcrs").object())
      for (const auto& [pcr, digest] : registers.object())
        console.out << "  " << bank << " PCR " << pcr << (pcr.size() < 2 ? "   " : "  ") << digest.text() << "\n";
  }
  for (const std::string& warning : report.warnings)
    console.err << coloured(console, "warning: ", "33") << warning << "\n";
}

}  // namespace

int measure_pcr(const MeasurePcrOptions& options, Console& console) {
  const PcrReport report = pcr_report(options);
  write_output({[&](Console& to) { print_text(report, to); }, report_json(report),
                measurement::claims_of(report.prediction), std::nullopt},
               options.output, console);
  return 0;
}

}  // namespace cli
