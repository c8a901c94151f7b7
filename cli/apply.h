#pragma once
#include <string>

#include "cli/console.h"

namespace cli {

/// The operator's act: plan, approval and service bundle; no owner's credential.
struct ApplyOptions {
  std::string plan;
  std::string approval;
  std::string service_bundle;  ///< may be empty when the service is there already, or its owner's
  std::string run = "/run/bulkhead";
  /// Where to write the guests' attestation keys for the owner of a service that is not on this host; the guests are
  /// then left for the next apply. "": they are started
  std::string enrolments;
  bool json = false;
};

/// Makes the plan's host what the plan says. Exit 0 also when there was nothing to change; 1 for a refusal; 4 when the
/// host cannot.
int apply(const ApplyOptions& options, Console& console);

}  // namespace cli
