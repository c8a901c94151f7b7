#pragma once
#include "attestation/verify_snp.h"
#include "base/json.h"
#include "cli/console.h"

namespace cli {

/// bulkhead.verification/v1 with every field of the report. @param time the time it was judged for
base::Json verdict_json(const attestation::SnpVerdict& verdict, std::int64_t time);
void print(const attestation::SnpVerdict& verdict, std::int64_t time, Console& console);

}  // namespace cli
