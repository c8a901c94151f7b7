#pragma once
#include "attestation/approval.h"
#include "attestation/known_values.h"
#include "attestation/verify_tdx.h"
#include "measurement/td_quote.h"

namespace attestation {

/// The measurements of a quote under the names of known_values.h: MRTD, RTMR0 to 2, MRCONFIGID.
QuotedValues quoted_values(const measurement::TdRegisters& td);

/// What Intel certified about the platform of a genuine quote, and how it rates it.
struct TdxPlatformStanding {
  std::optional<PckExtension> facts;
  std::optional<TcbEvaluation> tcb;
};

/// Compares a genuine quote with an approved guest: measurements, MRCONFIGID, MROWNER and MROWNERCONFIG, the TD's
/// attributes, and what Intel says of its platform.
/// @return every difference with got and wanted; empty when the guest is approved
std::vector<std::string> tdx_problems(const measurement::TdQuote& quote, const TdxPlatformStanding& platform,
                                      const ApprovedGuest& approved);

/// The first event of a CC event log that the approval did not foresee, when the log is the one of these registers.
/// @param log CCEL area. @return problems, none for a log that is as approved
std::vector<std::string> cc_event_log_problems(base::Bytes log, const measurement::TdRegisters& td,
                                               const measurement::TdxReferenceValues& approved);

/// What a revocation can name: MRTD and the RTMRs; the platform's PPID and instance id.
RevocableFacts revocable_facts(const measurement::TdRegisters& td, const std::optional<PckExtension>& platform,
                               const std::string& guest);

}  // namespace attestation
