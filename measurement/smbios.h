#pragma once
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "measurement/bios_strings.h"

namespace measurement {

/// CPUID.1 EAX and EDX, least significant byte first, as SMBIOS type 4 has them ("Processor ID").
using ProcessorId = std::array<std::uint8_t, 8>;
/// From 16 hexadecimal digits; nullopt for any other text.
std::optional<ProcessorId> processor_id(std::string_view text);

/// One structure with the strings after it, by its place in the table.
struct SmbiosStructure {
  std::uint8_t type = 0, length = 0;  ///< `length` of its formatted part
  std::size_t offset = 0, size = 0;   ///< `size` with its strings
};
/// The structures up to the end-of-table one, which is the last. Source: DMTF DSP0134 3.8, section 6.1.
/// @throws base::Error{malformed} with the offset for structures that end early or have unterminated strings
std::vector<SmbiosStructure> smbios_structures(base::Bytes table);

/// The SMBIOS tables as edk2 202505 and later hash them: the hypervisor's structures, the firmware's own type 0 unless
/// the hypervisor brings one, the end, and in all of them the serial numbers, UUIDs, asset tags and counts that differ
/// between equal machines blanked. The processor id stays.
/// Source: edk2 MdeModulePkg/Universal/SmbiosMeasurementDxe, OvmfPkg/SmbiosPlatformDxe; DMTF DSP0134 3.8.
/// @param tables    fw_cfg etc/smbios/smbios-tables
/// @param processor replaces the processor id of every type 4: QEMU's on another machine is not the host's
/// @throws base::Error{malformed} with the offset for structures that overlap, end early or have unterminated strings
base::Buffer measured_smbios(base::Bytes tables, const BiosStrings& bios, const std::optional<ProcessorId>& processor);

}  // namespace measurement
