#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "provisioner/resource.h"

namespace provisioner {

/// What tells two resources of one tenant apart.
using ResourceKey = std::pair<ResourceKind, std::string>;

/// Everything on one host that carries one tenant's mark.
using HostState = std::map<ResourceKey, Observed>;

/// Asks every driver in turn. @throws Error{host} when the host does not answer
HostState observe(Host& host, const base::TenantId& tenant);

/// @throws Error{failure} naming every wanted resource whose name is taken by something without the tenant's mark
void refuse_foreign_namesakes(Host& host, const base::TenantId& tenant, const std::vector<Resource>& wanted,
                              const HostState& now);

enum class Action { keep, create, replace };
const char* name_of(Action action) noexcept;

/// A wanted resource beside what the host has of it.
struct PlannedResource {
  Resource resource;
  std::optional<base::Sha256> before;  ///< the mark found on the host; nullopt when absent
  Action action = Action::create;
  std::string drift;  ///< why an equal mark is replaced all the same: "not running"
};

/// Something of the tenant's that is no longer wanted.
struct Removal {
  ResourceKind kind = ResourceKind::bridge;
  std::string name;
  base::Sha256 before;
};

/// What separates a host from what is wanted.
struct Difference {
  std::vector<PlannedResource> resources;  ///< every wanted resource, in the order given
  std::vector<Removal> removals;           ///< in reverse order of making
};
bool changes_pending(const std::vector<PlannedResource>& resources, const std::vector<Removal>& removals) noexcept;

/// Compares by mark; a resource that drifted from its mark is replaced.
Difference difference(const std::vector<Resource>& wanted, const HostState& now);

}  // namespace provisioner
