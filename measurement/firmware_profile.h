#pragma once
#include <string_view>

#include "base/bytes.h"

namespace measurement {

/// What kind of event list edk2 writes changed at these stable releases (the enumerators name the first of each).
enum class FirmwareGeneration {
  before_202411,  ///< P1: up to 202408
  from_202411,    ///< P2: 202411 to 202502
  from_202505,    ///< P3: 202505 to 202602
  from_202605,    ///< P4: 202605 and later
};
std::string_view name_of(FirmwareGeneration generation) noexcept;

/// Where edk2 puts "initrd=initrd" in the kernel's load options.
enum class InitrdWord { suffix, prefix };
/// Whether the firmware asks for fw_cfg etc/boot/kernel (the kernel as it is on disk) before the patched legacy items.
enum class KernelSource { legacy_items, boot_file_first };
/// SecureBoot with an empty varstore: a build with authenticated variables defines it as 0, others do not define it.
enum class SecureBootVariable { undefined, zero };

/// All that the PCR prediction needs to know about a firmware build.
struct FirmwareProfile {
  FirmwareGeneration generation = FirmwareGeneration::before_202411;
  KernelSource kernel_source = KernelSource::legacy_items;
  InitrdWord initrd_word = InitrdWord::suffix;
  SecureBootVariable secure_boot = SecureBootVariable::undefined;
  bool operator==(const FirmwareProfile&) const = default;
};

/// Reads the profile from an OVMF code image: strings and GUIDs of its LZMA-compressed main firmware volume.
/// 202411 itself cannot be told from 202408 and is reported as `before_202411`; PCR 2 to 9 are the same for both.
/// Source: UEFI PI 1.8 volume 3, section 3.2.5 (GUID-defined section); edk2 MdeModulePkg LzmaCustomDecompress.
/// @param firmware the flash image (OVMF_CODE_4M.fd, OVMF.fd)
/// @throws base::Error{malformed} when there is no compressed volume, or it is damaged
FirmwareProfile detect_firmware_profile(base::Bytes firmware);

}  // namespace measurement
