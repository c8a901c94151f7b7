#pragma once
#include <array>

#include "base/digest.h"

namespace measurement {

/// What a TDX quote or report says about a TD. Nothing here is verified: that takes the quote's signatures, or the
/// platform that made the report.
struct TdRegisters {
  base::Sha384 mr_seam;  ///< the TDX module
  std::uint64_t attributes = 0, xfam = 0;
  base::Sha384 mrtd;
  base::Sha384 mr_config_id, mr_owner, mr_owner_config;
  std::array<base::Sha384, 4> rtmr;
  bool operator==(const TdRegisters&) const = default;
};

/// Reads a TDX quote of version 4 or 5 (what follows the body does not matter), or a TDREPORT of 1024 bytes.
/// Source: Intel TDX DCAP Quoting Library API, revision 0.9, appendix A.3; Intel TDX Module ABI 1.5, TDREPORT_STRUCT
/// and TDINFO_BASE.
/// @throws base::Error{malformed} with the offset; an SGX quote is malformed here
TdRegisters read_td_registers(base::Bytes quote_or_report);

}  // namespace measurement
