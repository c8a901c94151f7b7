#pragma once
#include <string>
#include <vector>

#include "provisioner/host_state.h"
#include "provisioner/plan.h"

namespace provisioner {

/// One thing on the host that is not as it was made or planned.
struct Drift {
  ResourceKind kind = ResourceKind::bridge;
  std::string name;
  std::string what;  ///< "not running", "missing", "is not in the plan"
};

/// What drifted: by the host's own marks, and against the plan when there is one. In the order of making.
/// @param plan may be nullptr
std::vector<Drift> drifts(const HostState& now, const Plan* plan);

std::string drift_lines(const base::TenantId& tenant, const std::vector<Drift>& found);
base::Json drift_json(const std::vector<Drift>& found);

}  // namespace provisioner
