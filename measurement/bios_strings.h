#pragma once
#include <optional>
#include <string>

#include "base/bytes.h"

namespace measurement {

/// What a firmware build says of itself in SMBIOS type 0, when the hypervisor brings no type 0 of its own.
struct BiosStrings {
  std::string vendor, version, date;  ///< "EDK II", "unknown", "02/02/2022" where the build names nothing
  bool operator==(const BiosStrings&) const = default;
};

/// The strings of OVMF's SmbiosPlatformDxe, found behind its type 0 structure; edk2 202411 and later.
/// Source: edk2 OvmfPkg/SmbiosPlatformDxe/SmbiosPlatformDxe.c, MdeModulePkg.dec (PcdFirmwareVendor, -VersionString and
/// -ReleaseDateString).
/// @param volume the decompressed main firmware volume
/// @returns nullopt when there is no such structure
std::optional<BiosStrings> find_bios_strings(base::Bytes volume);

}  // namespace measurement
