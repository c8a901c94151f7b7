#pragma once
#include "cli/console.h"
#include "cli/live_tenants.h"

namespace cli {

struct DestroyOptions {
  LiveOptions live;
  bool yes = false;         ///< do not ask
  bool shred_keys = false;  ///< the tenants' services destroy every key first, and say which
  std::string keep_log;     ///< directory for what outlives the tenants (docs/verbs/destroy.md), or ""
};

/// Removes everything that carries the tenants' marks, data volumes included. Asks first; without a terminal it wants
/// --yes.
/// @throws Error{failure} when a log is to be kept and cannot be; Error{host} when keys are to be shredded and a
/// service does not answer; then nothing of its tenant is removed. A
/// tenant without a service on this host has keys and log at its owner's, which is said.
int destroy(const DestroyOptions& options, Console& console);

}  // namespace cli
