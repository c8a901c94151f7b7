#pragma once
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/machine_options.h"

namespace cli {

/// Tenant and site documents, and where the plans go.
struct PlanOptions {
  std::vector<std::string> documents;
  std::string host;                 ///< of the site; may be empty when it has one
  std::string out;                  ///< directory for NAME.plan.json and site-index.json; empty: write none
  std::string qemu = default_qemu;  ///< the host's, whose ACPI tables TDX guests will measure
  bool offline = false;             ///< compare with an empty host instead of the live one
  bool json = false;                ///< print the plans instead of describing them
};

/// Shows, for each tenant, what separates its host from its document. Exit 0 when nothing does, 2 when changes are
/// pending.
int plan(const PlanOptions& options, Console& console);

}  // namespace cli
