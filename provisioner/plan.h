#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "provisioner/host_state.h"
#include "provisioner/intent.h"

namespace provisioner {

/// The host a plan was made for.
struct HostName {
  std::string name;   ///< as the site file calls it
  std::string uri;    ///< libvirt's
  std::string store;  ///< root of the tenants' stores
};

/// What one tenant wants of one host and how far the host is from it: `bulkhead.plan/v1`. Holds nothing of another
/// tenant.
struct Plan {
  Intent intent;
  HostName host;
  std::vector<PlannedResource> resources;
  std::vector<Removal> removals;
  std::vector<std::string> owner_actions;     ///< what the owners have to do, as text
  std::vector<std::string> operator_actions;  ///< what `apply` will do, as text
  [[nodiscard]] bool pending() const noexcept;
};

/// Compares what the tenant wants with what the host has.
/// @param wanted the resources of `intent` in the order they are made
Plan make_plan(Intent intent, HostName host, const std::vector<Resource>& wanted, const HostState& now);

/// The document, sorted keys, the same bytes for the same plan.
std::string plan_text(const Plan& plan);

/// Reads a plan strictly: unknown members, wrong digests and resources out of order are errors.
/// @param name what is parsed, for messages. @throws Error{malformed}
Plan parse_plan(std::string_view text, std::string_view name);

/// The plan for a person: `+` create, `~` replace, `-` remove; owners' and operator's acts apart.
enum class Colour { off, on };
std::string readable(const Plan& plan, Colour colour);

/// `bulkhead.site-index/v1`: which plans belong to a site, each by tenant, file name and digest of its text.
struct IndexedPlan {
  std::string tenant;
  std::string file;
  base::Sha256 sha256;
};
std::string site_index_text(std::vector<IndexedPlan> plans);

}  // namespace provisioner
