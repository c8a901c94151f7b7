#pragma once
#include <string>

#include "measurement/fw_cfg_files.h"

namespace cli {

/// Reads what somebody dumped of QEMU's fw_cfg from a folder. A file may have QEMU's name as a path
/// ("etc/acpi/tables"), as in Linux's /sys/firmware/qemu_fw_cfg/by_name (".../raw"), with '_' for '/', without "etc/",
/// or only its last part, each with or without ".bin": table-loader.bin, acpi_tables.bin, etc_acpi_rsdp.
/// @throws Error{failure} when the folder has none of the files a firmware measures
measurement::FwCfgFiles read_fw_cfg_folder(const std::string& folder);

}  // namespace cli
