#pragma once
#include <string>

#include "cli/console.h"

namespace cli {

/// The operator's act: plan, approval and service bundle; no owner's credential.
struct ApplyOptions {
  std::string plan;
  std::string approval;
  std::string service_bundle;  ///< may be empty when the service is there already
  std::string run = "/run/bulkhead";
  bool json = false;
};

/// Makes the plan's host what the plan says. Exit 0 also when there was nothing to change; 1 for a refusal; 4 when the
/// host cannot.
int apply(const ApplyOptions& options, Console& console);

}  // namespace cli
