#pragma once
#include "cli/console.h"
#include "cli/live_tenants.h"

namespace cli {

struct DestroyOptions {
  LiveOptions live;
  bool yes = false;         ///< do not ask
  bool shred_keys = false;  ///< the tenants' services destroy every key first, and say which
};

/// Removes everything that carries the tenants' marks, data volumes included. Asks first; without a terminal it wants
/// --yes.
/// @throws Error{host} when keys are to be shredded and a service does not answer; then nothing of its tenant is
/// removed
int destroy(const DestroyOptions& options, Console& console);

}  // namespace cli
