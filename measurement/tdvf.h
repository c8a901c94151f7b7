#pragma once
#include <vector>

#include "base/bytes.h"
#include "base/units.h"

namespace measurement {

/// What a TDVF section is for; the values are those of the metadata.
enum class TdvfSectionType : std::uint32_t {
  boot_volume = 0,           ///< BFV: code
  configuration_volume = 1,  ///< CFV: the variable store
  hand_off_block = 2,        ///< TD_HOB: QEMU writes the memory map there
  temporary_memory = 3,      ///< TEMP_MEM: stack, heap, page tables, mailbox
};

/// A range of guest memory the launch fills, in whole pages.
struct TdvfSection {
  std::size_t data_offset = 0;  ///< of its bytes in the firmware; boot and configuration volumes only
  std::size_t raw_size = 0;     ///< bytes the metadata calls its own; QEMU copies `size` of them
  base::Gpa address;
  std::uint64_t size = 0;
  TdvfSectionType type = TdvfSectionType::boot_volume;
  bool extended = false;   ///< MR_EXTEND: the content is part of MRTD, not only the addresses
  bool augmented = false;  ///< PAGE_AUG: added after the measurement is final

  [[nodiscard]] bool has_data() const noexcept {
    return type == TdvfSectionType::boot_volume || type == TdvfSectionType::configuration_volume;
  }
  /// Its bytes in the firmware it was read from; empty when it has none.
  [[nodiscard]] base::Bytes data(base::Bytes firmware) const {
    return has_data() ? firmware.subspan(data_offset, size) : base::Bytes();
  }
};

/// The sections of a TDX firmware image in the order of its metadata. Refuses what QEMU refuses, and tables QEMU would
/// take but no launch survives: sections that overlap, occur twice or leave the file.
/// Source: Intel 344991 (TDX Virtual Firmware Design Guide) revision 1.01, section 11; QEMU hw/i386/tdvf.c.
/// @throws base::Error{malformed} with the offset; Error{failure} when the firmware has no TDVF metadata at all
std::vector<TdvfSection> read_tdvf(base::Bytes firmware);

}  // namespace measurement
