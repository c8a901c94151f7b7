#include "provisioner/host_state.h"

#include <algorithm>
#include <set>

#include "base/error.h"

namespace provisioner {
namespace {

PlannedResource planned(const Resource& wanted, const HostState& now) {
  const auto found = now.find({wanted.kind, wanted.name});
  if (found == now.end()) return {wanted, std::nullopt, Action::create, ""};
  const Observed& observed = found->second;
  const bool same = observed.digest == wanted.digest() && observed.drift.empty();
  return {wanted, observed.digest, same ? Action::keep : Action::replace, observed.drift};
}

}  // namespace

const char* name_of(Action action) noexcept {
  return action == Action::keep ? "keep" : action == Action::create ? "create" : "replace";
}

HostState observe(Host& host, const base::TenantId& tenant) {
  HostState state;
  for (std::size_t i = 0; i < resource_kinds; ++i) {
    for (Observed& observed : host.driver(static_cast<ResourceKind>(i)).observe(tenant)) {
      ResourceKey key{observed.kind, observed.name};
      state.insert_or_assign(std::move(key), std::move(observed));
    }
  }
  return state;
}

void refuse_foreign_namesakes(Host& host, const base::TenantId& tenant, const std::vector<Resource>& wanted,
                              const HostState& now) {
  std::string taken;
  for (const Resource& resource : wanted) {
    if (now.contains({resource.kind, resource.name})) continue;
    if (!host.driver(resource.kind).foreign_namesake(tenant, resource.name)) continue;
    taken += std::string("\n  ") + name_of(resource.kind) + " '" + resource.name + "'";
  }
  if (taken.empty()) return;
  throw base::Error(base::Kind::failure,
                    "the host already has these, without the mark of tenant '" + tenant.name +
                        "'; they are never reused or deleted, rename or remove them by hand:" + taken);
}

bool changes_pending(const std::vector<PlannedResource>& resources, const std::vector<Removal>& removals) noexcept {
  return !removals.empty() || std::any_of(resources.begin(), resources.end(), [](const PlannedResource& planned) {
    return planned.action != Action::keep;
  });
}

Difference difference(const std::vector<Resource>& wanted, const HostState& now) {
  Difference found;
  std::set<ResourceKey> names;
  for (const Resource& resource : wanted) {
    names.insert({resource.kind, resource.name});
    found.resources.push_back(planned(resource, now));
  }
  for (const auto& [key, observed] : now) {
    if (!names.contains(key)) found.removals.push_back({observed.kind, observed.name, observed.digest});
  }
  std::reverse(found.removals.begin(), found.removals.end());
  return found;
}

}  // namespace provisioner
