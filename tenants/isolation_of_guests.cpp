// Rules about volumes and what is derived from names.
#include <set>

#include "tenants/derived_names.h"
#include "tenants/isolation.h"

namespace tenants {
namespace {

using base::Pool;
using Findings = base::Diagnostics;

/// Derived names of one kind that were seen, and for whom.
class Taken {
 public:
  explicit Taken(std::string kind) : kind_(std::move(kind)) {}
  void take(const std::string& name, const std::string& whom, const base::SourcePosition& where, Findings& findings) {
    const auto [first, fresh] = seen_.try_emplace(name, whom, where);
    if (fresh) return;
    findings.error(where,
                   kind_ + " " + name + " of " + whom + " is already that of " + first->second.first +
                       "; rename one of the tenants",
                   {{first->second.second, "first used here"}});
  }

 private:
  std::string kind_;
  std::map<std::string, std::pair<std::string, base::SourcePosition>> seen_;
};

}  // namespace

void no_shared_writable_volume(const Neighbours& all, Findings& findings) {
  for (const Tenant& tenant : all.tenants) {
    for (const NodePool* pool : {&tenant.pools.control, &tenant.pools.worker}) {
      for (const Volume& volume : pool->volumes) {
        if (!volume.shared || volume.read_only) continue;
        findings.error(
            volume.name.where,
            "volumes: '" + volume.name.value + "' is shared and writable; expected readOnly: true beside shared: true",
            {{pool->count.where, "shared by the guests of this pool"}});
      }
    }
  }
}

void distinct_derived_names(const Neighbours& all, Findings& findings) {
  std::set<std::string> names;  // a repeated tenant name has its own rule
  Taken bridges("bridge"), ports("network port"), macs("MAC address"), uuids("UUID"), domains("domain");
  for (const Tenant& tenant : all.tenants) {
    if (!names.insert(tenant.name.value).second) continue;
    for (const Pool pool : {Pool::control, Pool::worker}) {
      const std::string group = tenant.name.value + "/" + base::name_of(pool);
      bridges.take(bridge_name(tenant.id(), pool), group, tenant.name.where, findings);
      for (unsigned index = 0; index < tenant.pool(pool).count.value; ++index) {
        const base::GuestId guest{tenant.id(), pool, index};
        const std::string whom = group + "/" + std::to_string(index);
        ports.take(port_name(guest), whom, tenant.name.where, findings);
        macs.take(guest_mac(guest), whom, tenant.name.where, findings);
        uuids.take(guest_uuid(guest), whom, tenant.name.where, findings);
        domains.take(domain_name(guest), whom, tenant.name.where, findings);
      }
    }
  }
}

void distinct_vsock_cids(const Neighbours& all, Findings& findings) {
  std::vector<const Tenant*> seen;
  for (const Tenant& tenant : all.tenants) {
    if (!tenant.vsock_cid) continue;
    const std::uint64_t first = tenant.vsock_cid->value;
    for (const Tenant* other : seen) {
      const std::uint64_t taken = other->vsock_cid->value;
      if (first >= taken + vsock_cids_of_a_tenant || taken >= first + vsock_cids_of_a_tenant) continue;
      findings.error(tenant.vsock_cid->where,
                     "vsockCid: the 128 context ids from " + std::to_string(first) + " overlap those of tenant '" +
                         other->name.value + "'",
                     {{other->vsock_cid->where, "those start here"}});
    }
    seen.push_back(&tenant);
  }
}

}  // namespace tenants
