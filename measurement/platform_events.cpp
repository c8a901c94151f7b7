#include "measurement/platform_events.h"

#include <array>

#include "measurement/acpi_loader.h"
#include "measurement/boot_variables.h"

namespace measurement {
namespace {

using namespace std::string_view_literals;

constexpr unsigned platform_pcr = 1;
/// What QEMU's -kernel makes the first thing to boot; with its NUL.
constexpr std::string_view kernel_boot_order = "/rom@genroms/linuxboot_dma.bin\0"sv;
constexpr std::string_view boot_menu_item = "BootMenu";

BootEvent event(std::string type, std::string what, Provenance provenance, base::Bytes bytes) {
  return make_event(platform_pcr, std::move(type), std::move(what), provenance, digests_of(bytes));
}
BootEvent unpredictable(std::string type, std::string what) {
  return make_event(platform_pcr, std::move(type), std::move(what), Provenance::unpredictable, {});
}

BootEvent config_flags(std::string what, base::Bytes bytes) {
  return event("EV_PLATFORM_CONFIG_FLAGS", std::move(what), Provenance::vm_shape, bytes);
}

void append_acpi(std::vector<BootEvent>& events, const PlatformInputs& inputs) {
  if (!inputs.files.contains(std::string(acpi_tables_file))) {
    events.push_back(unpredictable("EV_PLATFORM_CONFIG_FLAGS", "ACPI tables: not given (etc/acpi/tables)"));
    return;
  }
  FwCfgFiles files = inputs.files;
  complete_acpi_files(files);
  const std::vector<std::string> order = acpi_download_order(files);
  events.push_back(config_flags("ACPI: " + std::string(table_loader_file), files.at(std::string(table_loader_file))));
  for (const std::string& name : order) events.push_back(config_flags("ACPI: " + name, files.at(name)));
}

bool measures_smbios(const FirmwareProfile& profile) {
  return profile.generation >= FirmwareGeneration::from_202505;
}

BootEvent smbios_event(const PlatformInputs& inputs) {
  constexpr const char* type = "EV_EFI_HANDOFF_TABLES";
  const auto tables = inputs.files.find(std::string(smbios_tables_file));
  if (tables == inputs.files.end()) return unpredictable(type, "SMBIOS tables: not given (etc/smbios/smbios-tables)");
  if (!inputs.profile.bios) return unpredictable(type, "SMBIOS tables: the firmware's own strings are not known");
  return event(type, "SMBIOS tables", Provenance::vm_shape,
               measured_smbios(tables->second, *inputs.profile.bios, inputs.processor));
}

}  // namespace

std::vector<BootEvent> platform_events(const PlatformInputs& inputs) {
  std::vector<BootEvent> events;
  if (inputs.profile.acpi_events == AcpiEvents::measured) append_acpi(events, inputs);
  if (measures_smbios(inputs.profile)) events.push_back(smbios_event(inputs));
  for (const BootVariable& variable : direct_boot_variables(inputs.profile))
    events.push_back(event("EV_EFI_VARIABLE_BOOT", variable.what, Provenance::firmware_constant, variable.data));
  return events;
}

std::vector<BootEvent> fw_cfg_events(const PlatformInputs& inputs) {
  if (inputs.profile.fw_cfg_events == FwCfgEvents::none || !measures_smbios(inputs.profile)) return {};
  FwCfgFiles files = inputs.files;
  files.try_emplace(std::string(boot_menu_item), 2);
  files.try_emplace(std::string(boot_order_file), base::buffer_of(base::bytes_of(kernel_boot_order)));
  std::vector<BootEvent> events;
  static constexpr std::array<std::string_view, 6> items{"etc/extra-pci-roots",    boot_menu_item,
                                                         "etc/boot-menu-wait",     "etc/reserved-memory-end",
                                                         "opt/ovmf/X-PciMmio64Mb", boot_order_file};
  for (const std::string_view item : items)
    if (const auto file = files.find(std::string(item)); file != files.end())
      events.push_back(config_flags("fw_cfg: " + file->first, file->second));
  return events;
}

}  // namespace measurement
