#pragma once
#include "base/bytes.h"

namespace measurement {

/// The ACPI table that says where a confidential guest's event log is: /sys/firmware/acpi/tables/CCEL.
struct CcelTable {
  std::uint8_t cc_type = 0;       ///< 2 is TDX
  std::uint64_t log_size = 0;     ///< bytes of the area, padding included
  std::uint64_t log_address = 0;  ///< guest-physical
};

/// Whether `bytes` begin like the table, not like a log.
bool is_ccel_table(base::Bytes bytes) noexcept;
/// Source: UEFI 2.10, section 38.4.2; ACPI 6.5, section 5.2.34.
/// @throws base::Error{malformed} with the offset
CcelTable read_ccel_table(base::Bytes bytes);

}  // namespace measurement
