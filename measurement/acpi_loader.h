#pragma once
#include <vector>

#include "measurement/fw_cfg_files.h"

namespace measurement {

/// The files etc/table-loader makes the firmware download, in order. Every command is checked against them: each file
/// is allocated once and before it is used, and nothing is patched or summed up outside its file. Source: QEMU
/// hw/acpi/bios-linker-loader.c; edk2 OvmfPkg/AcpiPlatformDxe/QemuLoader.h.
/// @throws base::Error{malformed} with the offset of the command; Error{failure} when a file it names is not among
/// `files`
std::vector<std::string> acpi_download_order(const FwCfgFiles& files);

/// Adds what can be derived when only etc/acpi/tables was kept: QEMU's commands and RSDP for a q35 machine follow from
/// the tables, and the log area of a TPM is 64 KiB of zeros. Does nothing to files that are there.
/// @throws base::Error{malformed} for tables that do not parse; Error{failure} when a table's commands are not known
/// (an SSDT of a device): etc/table-loader itself is wanted then
void complete_acpi_files(FwCfgFiles& files);

}  // namespace measurement
