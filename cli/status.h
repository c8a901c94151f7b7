#pragma once
#include "cli/console.h"
#include "cli/live_tenants.h"

namespace cli {

struct StatusOptions {
  LiveOptions live;
  bool json = false;
};

/// Shows every guest and what drifted from its mark, or from the plan when it is there. Exit 2 when something did.
int status(const StatusOptions& options, Console& console);

}  // namespace cli
