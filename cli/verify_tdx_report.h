#pragma once
#include "attestation/verify_tdx.h"
#include "base/json.h"
#include "cli/console.h"

namespace cli {

/// What was found out about one quote.
struct TdxReport {
  measurement::TdQuote quote;
  attestation::JudgedPlatform platform;
  attestation::TdxVerification verification;
  std::int64_t time = 0;  ///< it was judged for
};

/// {"fmspc", "pceId", "ppid", "components", "pceSvn", "cpuSvn", "sgxType", ..}: what Intel certified.
base::Json platform_json(const attestation::PckExtension& platform);
/// bulkhead.verification/v1 with every field of the quote.
base::Json report_json(const TdxReport& report);
void print(const TdxReport& report, Console& console);

}  // namespace cli
