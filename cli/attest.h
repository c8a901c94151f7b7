#pragma once
#include "cli/console.h"
#include "cli/live_tenants.h"

namespace cli {

/// What becomes of the fences in the tenants' routers (provisioner/fence.h).
enum class Fences { stay, follow_the_verdicts, fall };

struct AttestOptions {
  LiveOptions live;
  unsigned timeout_seconds = 120;
  Fences fences = Fences::stay;
  bool json = false;
  bool claims = false;  ///< also what each guest's token states
};

/// Waits until every guest of the tenants has a verdict newer than its boot, or the time is over, and shows them. Where
/// the fences follow the verdicts, a guest without a current one is cut off, and one that has it again let through.
/// Exit 0 when all are attested and reported what was predicted, else 5.
int attest(const AttestOptions& options, Console& console);

}  // namespace cli
