#pragma once
#include <string>
#include <vector>

#include "base/bytes.h"
#include "measurement/firmware_profile.h"

namespace measurement {

/// A boot variable as the firmware sets it before the kernel starts.
struct BootVariable {
  std::string name;  ///< "BootOrder", "Boot0000"
  std::string what;  ///< for a person: "Boot0000: EFI Firmware Setup"
  base::Buffer data;
};

/// BootOrder and the Boot#### it lists, in the order they are measured, of a direct kernel boot: the firmware registers
/// only applications of its own volume. Empty where the build leaves them out of a TD.
/// Source: UEFI 2.10, section 3.1.3 (EFI_LOAD_OPTION); edk2 OvmfPkg PlatformBootManagerLib, MdeModulePkg
/// UefiBootManagerLib.
std::vector<BootVariable> direct_boot_variables(const FirmwareProfile& profile);

}  // namespace measurement
