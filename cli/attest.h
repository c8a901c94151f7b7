#pragma once
#include "cli/console.h"
#include "cli/live_tenants.h"

namespace cli {

struct AttestOptions {
  LiveOptions live;
  unsigned timeout_seconds = 120;
  bool json = false;
  bool claims = false;  ///< also what each guest's token states
};

/// Waits until every guest of the tenants has a verdict newer than its boot, or the time is over, and shows them.
/// Exit 0 when all are attested and reported what was predicted, else 5.
int attest(const AttestOptions& options, Console& console);

}  // namespace cli
