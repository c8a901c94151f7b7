#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace measurement {

/// One entry of the GUID table at the end of an OVMF image.
struct FooterEntry {
  std::string guid;
  base::Bytes data;        ///< a view of the firmware
  std::size_t offset = 0;  ///< of the data in the file
};

inline constexpr std::string_view sev_es_reset_guid = "00f771de-1a7e-4fcb-890e-68c77e2fb44e";
inline constexpr std::string_view sev_hash_table_guid = "7255371f-3a3b-4b04-927b-1da6efa8d454";
inline constexpr std::string_view sev_metadata_guid = "dc886566-984a-4798-a75e-5585a7bf67cc";
inline constexpr std::string_view tdx_metadata_guid = "e47a6535-984a-4798-865e-4685a7bf8ec2";

/// The entries from the end of the file upwards. Source: edk2 OvmfPkg/ResetVector/Ia16/ResetVectorVtf0.asm; QEMU
/// hw/i386/pc_sysfw_ovmf.c.
/// @throws base::Error{malformed} when there is no table, an entry crosses its start, or a GUID occurs twice
std::vector<FooterEntry> read_footer_table(base::Bytes firmware);
/// nullptr when the table has no such entry
const FooterEntry* find_footer_entry(const std::vector<FooterEntry>& table, std::string_view guid);

enum class SevSectionType : std::uint32_t {
  memory = 1,
  secrets = 2,
  cpuid = 3,
  svsm_caa = 4,
  kernel_hashes = 0x10,
};
struct SevSection {
  std::uint32_t gpa = 0, size = 0;  ///< bytes, both multiples of 4096
  SevSectionType type = SevSectionType::memory;
};

/// Where QEMU puts the hashes of kernel, initrd and command line.
struct HashTable {
  std::uint32_t address = 0, size = 0;  ///< bytes; the address is not 0 and the table of 176 bytes fits
};

/// What SEV and SEV-ES launches need from the firmware.
struct SevBootBlocks {
  std::optional<HashTable> hash_table;         ///< absent when unsupported
  std::optional<std::uint32_t> reset_address;  ///< CS:IP of the application processors
};
/// @throws base::Error{malformed} as read_footer_table() and for damaged entries
SevBootBlocks read_sev_boot_blocks(base::Bytes firmware);

/// What an SNP launch needs from the firmware.
struct SevFirmware {
  std::vector<SevSection> sections;  ///< in table order
  SevBootBlocks boot;
};

/// Source: edk2 OvmfPkg/ResetVector/X64/OvmfSevMetadata.asm.
/// @throws base::Error{malformed} for a damaged table; Error{failure} when the firmware has no SEV metadata at all
SevFirmware read_sev_firmware(base::Bytes firmware);

inline constexpr unsigned most_vcpus = 4096;

/// @throws base::Error{malformed} unless `firmware` is 1 to 4096 whole 4096-byte pages (16 MiB)
void check_firmware_size(base::Bytes firmware);
/// @throws base::Error{malformed} unless `vcpus` is 1 to most_vcpus; Error{failure} when the firmware can start one
/// vCPU only
void check_vcpus(unsigned vcpus, const SevBootBlocks& boot);

}  // namespace measurement
