#include "provisioner/nftables_fence.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"
#include "provisioner/fence.h"
#include "provisioner/iproute2_links.h"
#include "provisioner/names.h"
#include "provisioner/nftables_table.h"
#include "tenants/derived_names.h"

namespace provisioner {
namespace {

TableAddress table_of(const base::TenantId& tenant) {
  return {tenants::router_name(tenant), "inet", fence_table};
}

/// nullopt when there is no fence, or no router that could have one.
std::optional<std::string> fence_listing(const base::TenantId& tenant) {
  const std::vector<std::string> routers = network_namespaces();
  if (std::find(routers.begin(), routers.end(), tenants::router_name(tenant)) == routers.end()) return std::nullopt;
  return table_listing(table_of(tenant));
}

std::string ruleset_of(const base::TenantId& tenant, const std::set<std::string>& guests) {
  const std::string ports = table_listing({"", "bridge", filter_name(tenant)}).value_or("");
  std::map<std::string, std::string> addresses;
  for (const std::string& guest : guests) addresses[guest] = address_of(tenant, guest, ports);
  return fence_ruleset(addresses);
}

}  // namespace

std::set<std::string> fenced_guests(const base::TenantId& tenant) {
  const std::optional<std::string> listing = fence_listing(tenant);
  return listing ? guests_in_fence(*listing) : std::set<std::string>{};
}

void set_fence(const base::TenantId& tenant, const std::set<std::string>& guests) {
  const std::optional<std::string> before = fence_listing(tenant);
  const std::optional<OwnerMark> mark = before ? listing_mark(*before) : std::nullopt;
  if (before && (!mark || mark->tenant != tenant))
    throw base::Error(base::Kind::failure, "table inet " + std::string(fence_table) + " in router " +
                                               tenants::router_name(tenant) + " is not tenant '" + tenant.name +
                                               "'s; it is neither reused nor removed");
  if (!guests.empty()) {
    const std::string ruleset = ruleset_of(tenant, guests);
    load_table(table_of(tenant), ruleset, {tenant, base::sha256(base::bytes_of(ruleset))});
  } else if (before) {
    delete_table(table_of(tenant));
  }
}

}  // namespace provisioner
