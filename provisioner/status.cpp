#include "provisioner/status.h"

namespace provisioner {
namespace {

std::vector<Drift> against_plan(const HostState& now, const Plan& plan) {
  std::vector<Resource> wanted;
  for (const PlannedResource& planned : plan.resources) wanted.push_back(planned.resource);
  const Difference found = difference(wanted, now);
  std::vector<Drift> drifted;
  for (const PlannedResource& planned : found.resources) {
    if (planned.action == Action::keep) continue;
    const std::string what = !planned.before         ? "missing"
                             : planned.drift.empty() ? "is another one than planned"
                                                     : planned.drift;
    drifted.push_back({planned.resource.kind, planned.resource.name, what});
  }
  for (const Removal& gone : found.removals) drifted.push_back({gone.kind, gone.name, "is not in the plan"});
  return drifted;
}

}  // namespace

std::vector<Drift> drifts(const HostState& now, const Plan* plan) {
  if (plan != nullptr) return against_plan(now, *plan);
  std::vector<Drift> drifted;
  for (const auto& [key, observed] : now) {
    if (!observed.drift.empty()) drifted.push_back({key.first, key.second, observed.drift});
  }
  return drifted;
}

std::string drift_lines(const base::TenantId& tenant, const std::vector<Drift>& found) {
  std::string out;
  for (const Drift& drift : found) {
    out += tenant.name + ": " + name_of(drift.kind) + " " + drift.name + ": " + drift.what + "\n";
  }
  return out;
}

base::Json drift_json(const std::vector<Drift>& found) {
  base::Json::Array list;
  for (const Drift& drift : found) {
    list.push_back(base::Json::Object{{"kind", name_of(drift.kind)}, {"name", drift.name}, {"what", drift.what}});
  }
  return list;
}

}  // namespace provisioner
