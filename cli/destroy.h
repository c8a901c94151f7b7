#pragma once
#include "cli/console.h"
#include "cli/live_tenants.h"

namespace cli {

struct DestroyOptions {
  LiveOptions live;
  bool yes = false;  ///< do not ask
};

/// Removes everything that carries the tenants' marks, data volumes included. Asks first; without a terminal it wants
/// --yes.
int destroy(const DestroyOptions& options, Console& console);

}  // namespace cli
