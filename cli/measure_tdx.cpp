#include "cli/measure_tdx.h"

#include <algorithm>

#include "base/error.h"
#include "cli/boot_files.h"
#include "cli/flag_values.h"
#include "measurement/boot_lints.h"
#include "measurement/measure.h"
#include "measurement/td_events.h"
#include "measurement/uki.h"
#include "provisioner/launch_security_xml.h"

namespace cli {
namespace {

using base::Json;

[[noreturn]] void wanted(const std::string& flag, const std::string& what, const std::string& got) {
  throw base::Error(base::Kind::usage, flag + ": got '" + got + "', wanted " + what);
}

/// A value the hypervisor sets and the quote repeats; zeros when it is not set.
std::string owner_value(const std::string& flag, const std::optional<std::string>& text) {
  constexpr std::size_t size = 48;
  if (!text) return std::string(2 * size, '0');
  auto bytes = base::from_hex(*text);
  if (!bytes || bytes->size() != size) bytes = base::from_base64(*text);
  if (!bytes || bytes->size() != size) wanted(flag, "48 bytes as 96 hexadecimal digits or base64", *text);
  return base::hex(*bytes);
}

measurement::LaunchConfiguration configuration_of(const MeasureTdxOptions& options) {
  measurement::LaunchConfiguration configuration;
  configuration.tee = base::Tee::tdx;
  configuration.memory = memory_of(options.machine);
  configuration.machine = options.machine.machine;
  configuration.hypervisor = hypervisor_of(options.td).value_or(measurement::HypervisorVersion{});
  configuration.command_line = options.files.command_line.value_or("");
  configuration.tdx_page_order = page_order_of(options.td);
  configuration.processor_id = processor_of(options.td);
  return configuration;
}

void override_generation(measurement::BootImages& images, const TdOptions& options) {
  const auto generation = generation_of(options);
  if (!generation) return;
  measurement::FirmwareProfile profile = images.firmware_profile();
  profile.generation = *generation;
  images.set_firmware_profile(profile);
}

/// Why no RTMR of this firmware can be predicted; empty for an OVMF.
std::string unknown_firmware(measurement::BootImages& images) {
  try {
    (void)images.firmware_profile();
    return {};
  } catch (const base::Error& error) {
    return error.what();
  }
}

/// Any TDVF has an MRTD; what it will log is known of OVMF only.
measurement::TdPrediction prediction(const measurement::LaunchConfiguration& configuration,
                                     measurement::BootImages& images, const std::optional<base::MappedFile>& uki) {
  const std::string reason = unknown_firmware(images);
  if (reason.empty() && uki) return measurement::predict_td_of_uki(configuration, images, uki->bytes());
  if (reason.empty()) return measurement::predict_td(configuration, images);
  measurement::TdPrediction predicted{images.mrtd(configuration.tdx_page_order), {base::Tee::tdx, {}, {}}};
  for (unsigned index = 0; index < measurement::predicted_rtmrs; ++index)
    predicted.boot.events.push_back(measurement::make_event(measurement::rtmr0_register + index, "EV_EVENT_TAG", reason,
                                                            measurement::Provenance::unpredictable, {}));
  return predicted;
}

/// The hypervisor's tables and, when it was asked itself and nobody says otherwise, its version.
void add_tables(const MeasureTdxOptions& options, measurement::LaunchConfiguration& configuration,
                measurement::BootImages& images) {
  provisioner::QemuTables tables = tables_of(*options.acpi, options.machine, base::Tee::tdx);
  if (!options.td.qemu_version) configuration.hypervisor = tables.version;
  images.set_fw_cfg_files(std::move(tables.files));
}

Json assumed(const MeasureTdxOptions& options, measurement::BootImages& images) {
  const std::string generation = unknown_firmware(images).empty()
                                     ? std::string(measurement::name_of(images.firmware_profile().generation))
                                     : "not known";
  return Json::Object{{"memory", options.machine.memory},
                      {"machine", options.machine.machine},
                      {"pageOrder", options.td.page_order},
                      {"acpi", options.acpi ? Json(*options.acpi) : Json()},
                      {"firmwareGeneration", generation},
                      {"firmwareGenerationFrom", options.td.generation ? "flag" : "image"},
                      {"boot", options.uki ? "unified kernel image with QEMU -kernel" : "direct kernel boot"}};
}

Json registers(const measurement::Prediction& boot, Json& report) {
  const measurement::RtmrSets sets = measurement::rtmr_sets(boot);
  Json::Array values;
  for (unsigned index = 0; index < sets.size(); ++index) {
    values.push_back(sets[index].empty() ? Json() : Json(sets[index].front().hex()));
    if (sets[index].empty())
      report["unknown"]["rtmr" + std::to_string(index)] = measurement::unknown_because(boot, index);
  }
  values.emplace_back(std::string(96, '0'));  // RTMR3 is the guest's own
  return values;
}

std::string register_name(const Json& event) {
  return "RTMR" + std::to_string(event.at("pcr").integer() - measurement::rtmr0_register);
}

void print_registers(const Json& report, Console& console) {
  const auto line = [&console](const std::string& name, const std::string& value) {
    console.out << "  " << name << std::string(15 - name.size(), ' ') << value << "\n";
  };
  line("MRTD", report.at("mrtd").text());
  const Json::Array& values = report.at("rtmr").array();
  for (std::size_t index = 0; index < values.size(); ++index) {
    const std::string name = "RTMR" + std::to_string(index);
    if (values[index].is_null())
      line(name,
           coloured(console, "not known: ", "33") + report.at("unknown").at("rtmr" + std::to_string(index)).text());
    else
      line(name, values[index].text());
  }
  for (const Json& alternative : report.at("alternatives").array())
    for (const auto& [index, value] : alternative.at("pcrs").at("sha384").object())
      line("or RTMR" + std::to_string(std::stoul(index) - measurement::rtmr0_register),
           value.text() + "  when " + alternative.at("what").text());
  line("MRCONFIGID", report.at("mrConfigId").text());
  line("MROWNER", report.at("mrOwner").text());
  line("MROWNERCONFIG", report.at("mrOwnerConfig").text());
}

void print_report(const Json& report, Console& console) {
  const Json& given = report.at("assumed");
  console.out << coloured(console, "assumed", "1") << "\n  memory " << given.at("memory").text() << ", machine "
              << given.at("machine").text() << ", pages added in " << given.at("pageOrder").text() << ", firmware "
              << given.at("firmwareGeneration").text() << " (from the " << given.at("firmwareGenerationFrom").text()
              << "), " << given.at("boot").text() << "\n"
              << coloured(console, "registers", "1") << "\n";
  print_registers(report, console);
  console.out << coloured(console, "events", "1") << "\n";
  for (const Json& event : report.at("events").array())
    console.out << "  " << register_name(event) << "  "
                << (event.at("provenance").text() == "unpredictable" ? std::string(16, '?')
                                                                     : event.at("sha384").text().substr(0, 16))
                << "  " << event.at("what").text() << "\n";
  for (const Json& warning : report.at("warnings").array())
    console.err << coloured(console, "warning: ", "33") << warning.text() << "\n";
}

std::vector<std::string> warnings(const MeasureTdxOptions& options, const BootFiles& files,
                                  const std::optional<base::MappedFile>& uki) {
  measurement::LintInputs lint;
  lint.tee = base::Tee::tdx;
  lint.machine = options.machine.machine;
  lint.has_tpm = false;
  lint.command_line = options.files.command_line.value_or("");
  if (files.kernel) lint.kernel_version = measurement::kernel_version(files.kernel->bytes());
  if (!uki) return measurement::boot_warnings(lint);
  const measurement::Uki image = measurement::read_uki(uki->bytes());
  lint.kernel_version = measurement::kernel_version(image.find(".linux")->data);
  lint.uki = &image;
  if (const auto* own = image.find(".cmdline"); own && lint.command_line.empty())
    lint.command_line = base::text_of(own->data);
  return measurement::boot_warnings(lint);
}

/// libvirt's element, with MRCONFIGID and the owner's words where they were given.
std::string launch_security(const MeasureTdxOptions& options) {
  provisioner::LaunchSecurity security{.tee = base::Tee::tdx};
  if (options.mr_config_id) security.host_data = base::from_hex(owner_value("--mrconfigid", options.mr_config_id));
  if (options.mr_owner) security.mr_owner = base::Sha384::parse(owner_value("--mrowner", options.mr_owner));
  if (options.mr_owner_config)
    security.mr_owner_config = base::Sha384::parse(owner_value("--mrownerconfig", options.mr_owner_config));
  return provisioner::launch_security_xml(security, "the guest");
}

Json tdx_json(const MeasureTdxOptions& options, const measurement::TdPrediction& predicted,
              measurement::BootImages& images) {
  Json report = Json::Object{{"schema", "bulkhead.measurement/v1"},
                             {"tee", "tdx"},
                             {"assumed", assumed(options, images)},
                             {"mrtd", predicted.mrtd.hex()},
                             {"mrConfigId", owner_value("--mrconfigid", options.mr_config_id)},
                             {"mrOwner", owner_value("--mrowner", options.mr_owner)},
                             {"mrOwnerConfig", owner_value("--mrownerconfig", options.mr_owner_config)}};
  report["rtmr"] = registers(predicted.boot, report);
  report["events"] = measurement::events_json(predicted.boot.events);
  report["alternatives"] = measurement::alternatives_json(predicted.boot);
  return report;
}

}  // namespace

Output tdx_output(const MeasureTdxOptions& options) {
  measurement::LaunchConfiguration configuration = configuration_of(options);
  const BootFiles files = map_boot_files(options.files, KernelCheck::none);
  measurement::BootImages images(files.bytes());
  if (options.acpi) add_tables(options, configuration, images);
  override_generation(images, options.td);
  const std::optional<base::MappedFile> uki =
      options.uki ? std::optional<base::MappedFile>(*options.uki) : std::nullopt;
  const measurement::TdPrediction predicted = prediction(configuration, images, uki);
  Json json = tdx_json(options, predicted, images);
  json["warnings"] = Json::Array{};
  for (const std::string& warning : warnings(options, files, uki)) json["warnings"].push_back(warning);
  return {[json](Console& console) { print_report(json, console); }, json, measurement::claims_of(predicted),
          launch_security(options)};
}

int measure_tdx(const MeasureTdxOptions& options, Console& console) {
  write_output(tdx_output(options), options.output, console);
  return 0;
}

}  // namespace cli
