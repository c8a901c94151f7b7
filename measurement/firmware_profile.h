#pragma once
#include <optional>
#include <string_view>

#include "measurement/bios_strings.h"

namespace measurement {

/// What kind of event list edk2 writes changed at these stable releases (the enumerators name the first of each).
enum class FirmwareGeneration {
  before_202411,  ///< P1: up to 202408
  from_202411,    ///< P2: 202411 to 202502
  from_202505,    ///< P3: 202505 to 202602
  from_202605,    ///< P4: 202605 and later, where the build keeps the boot menu out of a TD (IntelTdxX64)
};
std::string_view name_of(FirmwareGeneration generation) noexcept;
/// The generation of an edk2 stable release: "202502". nullopt when the text is no year and month.
std::optional<FirmwareGeneration> generation_of_release(std::string_view release) noexcept;

/// Where edk2 puts "initrd=initrd" in the kernel's load options.
enum class InitrdWord { suffix, prefix };
/// Whether the firmware asks for fw_cfg etc/boot/kernel (the kernel as it is on disk) before the patched legacy items.
enum class KernelSource { legacy_items, boot_file_first };
/// SecureBoot with an empty varstore: a build with authenticated variables defines it as 0, others do not define it.
enum class SecureBootVariable { undefined, zero };

/// Whether the firmware measures the fw_cfg items its early phases read: IntelTdxX64 builds from 202505 on.
enum class FwCfgEvents { none, measured };

/// Whether the firmware measures the ACPI files it downloads: edk2 202302 and later.
enum class AcpiEvents { none, measured };

/// All that the prediction of events needs to know about a firmware build.
struct FirmwareProfile {
  FirmwareGeneration generation = FirmwareGeneration::before_202411;
  KernelSource kernel_source = KernelSource::legacy_items;
  InitrdWord initrd_word = InitrdWord::suffix;
  SecureBootVariable secure_boot = SecureBootVariable::undefined;
  FwCfgEvents fw_cfg_events = FwCfgEvents::none;
  AcpiEvents acpi_events = AcpiEvents::measured;
  std::optional<BiosStrings> bios = std::nullopt;  ///< absent where the build has them in another form (before 202411)
  bool operator==(const FirmwareProfile&) const = default;
};

/// Reads the profile from an OVMF code image: strings and GUIDs of its LZMA-compressed main firmware volume.
/// A build of 202411 or 202502 is told from an older one by the version distributions put into it, or by its asking for
/// etc/boot/kernel; without either it is reported as `before_202411`. PCR 2 to 9 are the same for both.
/// Source: UEFI PI 1.8 volume 3, section 3.2.5 (GUID-defined section); edk2 MdeModulePkg LzmaCustomDecompress.
/// @param firmware the flash image (OVMF_CODE_4M.fd, OVMF.fd)
/// @throws base::Error{malformed} when there is no compressed volume, or it is damaged
FirmwareProfile detect_firmware_profile(base::Bytes firmware);

}  // namespace measurement
