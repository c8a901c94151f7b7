#pragma once
#include <vector>

#include "measurement/boot_events.h"
#include "measurement/fw_cfg_files.h"
#include "measurement/smbios.h"

namespace measurement {

/// What the hypervisor tells the firmware about the machine.
struct PlatformInputs {
  FirmwareProfile profile;
  FwCfgFiles files;                                     ///< without ACPI files that event is unpredictable
  std::optional<ProcessorId> processor = std::nullopt;  ///< the host's, where it is not the one in the SMBIOS tables
};

/// The events of PCR 1 (a TD: RTMR0) of a direct kernel boot, without the separator: ACPI data, SMBIOS, boot variables.
/// Source: edk2 OvmfPkg/AcpiPlatformDxe, MdeModulePkg SmbiosMeasurementDxe, UefiBootManagerLib.
/// @throws base::Error{malformed} for tables that do not parse; Error{failure} when a file of the loader is missing
std::vector<BootEvent> platform_events(const PlatformInputs& inputs);

/// The fw_cfg items an IntelTdxX64 build of 202505 or later measures into RTMR0 before anything else of the platform;
/// empty for other builds. PCR 1.
/// Source: edk2 OvmfPkg/Library/PlatformInitLib, QemuFwCfgLib.
std::vector<BootEvent> fw_cfg_events(const PlatformInputs& inputs);

}  // namespace measurement
