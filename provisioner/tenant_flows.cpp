#include "provisioner/tenant_flows.h"

namespace provisioner {
namespace {

using base::Pool;
using tenants::FlowEnd;

/// Where an end is at the router. An uplink or a subnet behind it is met at the uplink of the pool at the other end.
FlowEndIntent end_at_router(const FlowEnd& end, const FlowEnd& other, const std::vector<std::string>& addresses) {
  if (end.kind == FlowEnd::Kind::pool) return {base::name_of(end.pool), {}};
  if (end.kind == FlowEnd::Kind::subnet) return {uplink_interface(other.pool), {end.subnet.text()}};
  return {uplink_interface(other.pool), addresses};
}

bool has_uplink(const tenants::Tenant& tenant, Pool pool) {
  const tenants::Network* network = tenant.network(tenant.pool(pool).network.value);
  return network != nullptr && network->uplink && !network->uplink->vlan;
}

/// Whether both ends are at this tenant's router and one of them is a pool.
bool passes_router(const tenants::Tenant& tenant, const FlowEnd& from, const FlowEnd& to) {
  if (from.kind == FlowEnd::Kind::services || to.kind == FlowEnd::Kind::services) return false;
  if (from.kind == FlowEnd::Kind::pool && to.kind == FlowEnd::Kind::pool) return true;
  if (from.kind == FlowEnd::Kind::pool) return has_uplink(tenant, from.pool);
  return to.kind == FlowEnd::Kind::pool && has_uplink(tenant, to.pool);
}

/// A flow that opens nothing the router can express: names need DNS, and icmp alone would become every protocol.
bool cannot_be_expressed(const tenants::Flow& flow) {
  if (!flow.names.empty()) return true;
  return flow.icmp && flow.tcp.empty() && flow.udp.empty();
}

}  // namespace

std::string uplink_interface(Pool pool) {
  return std::string("up-") + base::name_of(pool);
}

std::vector<FlowIntent> flow_intents(const tenants::Tenant& tenant) {
  std::vector<FlowIntent> intents;
  for (const tenants::Flow& flow : tenant.flows) {
    if (cannot_be_expressed(flow)) continue;
    std::vector<std::string> addresses;
    for (const auto& address : flow.addresses) addresses.push_back(address.value.text());
    for (const FlowEnd& from : flow.from) {
      for (const FlowEnd& to : flow.to) {
        if (!passes_router(tenant, from, to)) continue;
        intents.push_back({end_at_router(from, to, {}), end_at_router(to, from, addresses), flow.tcp, flow.udp});
      }
    }
  }
  return intents;
}

}  // namespace provisioner
