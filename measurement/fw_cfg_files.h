#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace measurement {

/// What the hypervisor offers the firmware through fw_cfg, by QEMU's name, as it is before the firmware patches it:
/// "etc/table-loader", "etc/acpi/rsdp", "etc/acpi/tables", "etc/smbios/smbios-tables", "bootorder". A file that is
/// absent here does not exist. "BootMenu" is the item of that name, which is no file (selector 0x0e); absent means the
/// menu is off.
using FwCfgFiles = std::map<std::string, base::Buffer>;

inline constexpr std::string_view table_loader_file = "etc/table-loader";
inline constexpr std::string_view acpi_rsdp_file = "etc/acpi/rsdp";
inline constexpr std::string_view acpi_tables_file = "etc/acpi/tables";
inline constexpr std::string_view tpm_log_file = "etc/tpm/log";
inline constexpr std::string_view smbios_tables_file = "etc/smbios/smbios-tables";
inline constexpr std::string_view boot_order_file = "bootorder";

}  // namespace measurement
