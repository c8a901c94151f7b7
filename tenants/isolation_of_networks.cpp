// Rules about networks, addresses and flows.
#include <algorithm>

#include "tenants/derived_names.h"
#include "tenants/isolation.h"

namespace tenants {
namespace {

using Findings = base::Diagnostics;

struct Subnet {
  const Tenant* tenant;
  const Network* network;
};

std::vector<Subnet> subnets(const Neighbours& all) {
  std::vector<Subnet> found;
  for (const Tenant& tenant : all.tenants) {
    for (const Network& network : tenant.networks) found.push_back({&tenant, &network});
  }
  return found;
}

/// Why guests cannot live at this address, or nullptr. Source: RFC 6890.
const char* special(const Cidr& subnet) {
  struct Special {
    Cidr range;
    const char* what;
  };
  static const Special ranges[] = {{{{0x00000000}, 8}, "this network"},
                                   {{{0x7F000000}, 8}, "loopback"},
                                   {{{0xA9FE0000}, 16}, "link-local"},
                                   {{{0xE0000000}, 4}, "multicast"},
                                   {{{0xF0000000}, 4}, "reserved"}};
  for (const Special& one : ranges) {
    if (subnet.overlaps(one.range)) return one.what;
  }
  return nullptr;
}

std::vector<const AttestationService*> hosted_services(const Tenant& tenant) {
  std::vector<const AttestationService*> found;
  for (const Owner& owner : tenant.owners) {
    const bool hosted = owner.attestation && owner.attestation->placement.value == Placement::operator_host;
    if (hosted && owner.attestation->url.value.address) found.push_back(&*owner.attestation);
  }
  return found;
}

void check_service(const Neighbours& all, const AttestationService& service, Findings& findings) {
  const Ipv4 address = *service.url.value.address;
  const std::string field = "attestation.url: " + address.text();
  if (const char* what = special({address, 32}))
    return findings.error(service.url.where, field + " is a " + what + " address");
  for (const Subnet& subnet : subnets(all)) {
    const auto report = [&](const Located<Cidr>& cidr) {
      if (!cidr.value.contains(address)) return;
      findings.error(service.url.where,
                     field + " lies inside " + cidr.value.text() + " of tenant '" + subnet.tenant->name.value +
                         "'; services have an address outside all networks",
                     {{cidr.where, "this subnet"}});
    };
    report(subnet.network->cidr);
    if (subnet.network->uplink && subnet.network->uplink->address) report(*subnet.network->uplink->address);
  }
}

void check_uplink(const Neighbours& all, const Uplink& uplink, Findings& findings) {
  for (const SiteHost& host : all.site.hosts) {
    const bool there = std::any_of(host.uplinks.begin(), host.uplinks.end(),
                                   [&](const SiteUplink& one) { return one.name.value == uplink.name->value; });
    if (!there)
      findings.error(uplink.name->where,
                     "uplink.name: host '" + host.name.value + "' has no uplink '" + uplink.name->value + "'",
                     {{host.name.where, "this host"}});
  }
  const Ipv4 gateway = uplink.gateway->value;
  const Cidr& network = uplink.address->value;
  if (network.contains(gateway) && gateway != network.address && gateway != network.first() &&
      gateway != network.last())
    return;
  findings.error(uplink.gateway->where,
                 "uplink.gateway: expected another address of " + Cidr{network.first(), network.prefix}.text() +
                     ", got '" + gateway.text() + "'",
                 {{uplink.address->where, "the router's address"}});
}

void check_default_addresses(const NodePool& pool, const Network& network, Findings& findings) {
  const Cidr& cidr = network.cidr.value;
  const std::uint64_t size = std::uint64_t{cidr.last().value} - cidr.first().value + 1;
  const std::uint64_t room = size > first_guest_host + 1 ? size - first_guest_host - 1 : 0;
  if (pool.count.value <= room) return;
  findings.error(pool.count.where,
                 "count: " + std::to_string(pool.count.value) + " guests do not fit " + cidr.text() + ", which has " +
                     std::to_string(room) + " addresses from the tenth on; give a larger subnet or addresses",
                 {{network.cidr.where, "this subnet"}});
}

void check_given_addresses(const NodePool& pool, const Network& network, Findings& findings) {
  const Cidr& cidr = network.cidr.value;
  std::map<Ipv4, base::SourcePosition> seen;
  for (const Located<Ipv4>& address : pool.addresses) {
    const Ipv4 value = address.value;
    const bool free = cidr.contains(value) && value != cidr.first() && value != cidr.last() &&
                      value.value != cidr.first().value + gateway_host;
    if (!free)
      findings.error(address.where, "addresses: " + value.text() + " is no address for a guest in " + cidr.text(),
                     {{network.cidr.where, "this subnet; its first address is the gateway's"}});
    const auto [first, fresh] = seen.try_emplace(value, address.where);
    if (!fresh)
      findings.error(address.where, "addresses: " + value.text() + " is already taken",
                     {{first->second, "first used here"}});
  }
}

/// A pool at one end of a flow whose other end lies behind an uplink.
void check_way_out(const Tenant& tenant, const std::vector<FlowEnd>& pools, const std::vector<FlowEnd>& others,
                   Findings& findings) {
  const auto outside = std::find_if(others.begin(), others.end(), [](const FlowEnd& end) {
    return end.kind == FlowEnd::Kind::uplink || end.kind == FlowEnd::Kind::subnet;
  });
  if (outside == others.end()) return;
  for (const FlowEnd& end : pools) {
    if (end.kind != FlowEnd::Kind::pool) continue;
    const Network* network = tenant.network(tenant.pool(end.pool).network.value);
    if (network == nullptr || network->uplink) continue;
    findings.error(outside->where,
                   "flows: pool '" + std::string(base::name_of(end.pool)) + "' has no way there: its network '" +
                       network->name.value + "' has no uplink",
                   {{network->name.where, "this network"}});
  }
}

/// What is reached by an uplink, and by whom.
struct Outside {
  const char* field;
  const Located<ServiceUrl>* url;  ///< with an address
  std::vector<base::Note> caller;
};

void check_way(const Neighbours& all, const Tenant& tenant, const Outside& outside, Findings& findings) {
  const Ipv4 address = *outside.url->value.address;
  const std::string field = std::string(outside.field) + ": " + address.text();
  if (const char* what = special({address, 32}))
    findings.error(outside.url->where, field + " is a " + what + " address");
  for (const Subnet& subnet : subnets(all)) {
    const Located<Cidr>& cidr = subnet.network->cidr;
    if (!cidr.value.contains(address)) continue;
    findings.error(outside.url->where,
                   field + " lies inside " + cidr.value.text() + " of tenant '" + subnet.tenant->name.value +
                       "'; it is reached by an uplink",
                   {{cidr.where, "this subnet"}});
  }
  if (tenant.way_to(address) == nullptr)
    findings.error(outside.url->where, field + " cannot be reached: no network of the tenant has an uplink by name",
                   outside.caller);
}

}  // namespace

void ways_to_services(const Neighbours& all, Findings& findings) {
  for (const Tenant& tenant : all.tenants) {
    const AttestationService* const service = tenant.attestation();
    if (service == nullptr || service->placement.value != Placement::owner || !service->url.value.address) continue;
    check_way(all, tenant, {"attestation.url", &service->url, {{service->placement.where, "by the guests"}}}, findings);
  }
}

void ways_to_kms(const Neighbours& all, Findings& findings) {
  for (const Tenant& tenant : all.tenants) {
    const Kms* const kms = tenant.kms();
    if (kms == nullptr || !kms->url || !kms->url->value.address || kms->placement.value == Placement::guest) continue;
    if (hosted_services(tenant).empty() && !kms->is_passport()) continue;
    const base::Note caller = kms->is_passport() ? base::Note{kms->model->where, "by the guests themselves"}
                                                 : base::Note{hosted_services(tenant).front()->placement.where,
                                                              "by the service at operatorHost"};
    check_way(all, tenant, {"kms.url", &*kms->url, {caller}}, findings);
  }
}

void apart_pools(const Neighbours& all, Findings& findings) {
  for (const Tenant& tenant : all.tenants) {
    const NodePool &control = tenant.pools.control, &worker = tenant.pools.worker;
    for (const NodePool* pool : {&control, &worker}) {
      if (tenant.network(pool->network.value) != nullptr) continue;
      findings.error(pool->network.where, "network: spec.networks has no '" + pool->network.value + "'",
                     {{tenant.name.where, "in this tenant"}});
    }
    if (control.network.value != worker.network.value) continue;
    findings.error(worker.network.where,
                   "network: worker is on '" + worker.network.value + "' like control; expected different networks",
                   {{control.network.where, "control is here"}});
  }
}

void disjoint_subnets(const Neighbours& all, Findings& findings) {
  const std::vector<Subnet> found = subnets(all);
  for (std::size_t later = 0; later < found.size(); ++later) {
    const Located<Cidr>& cidr = found[later].network->cidr;
    if (const char* what = special(cidr.value))
      findings.error(cidr.where, "cidr: " + cidr.value.text() + " has " + what + " addresses");
    for (std::size_t i = 0; i < found.size(); ++i) {
      const Located<Cidr>& other = found[i].network->cidr;
      const std::string owner = " of tenant '" + found[i].tenant->name.value + "'";
      if (i < later && cidr.value.overlaps(other.value)) {
        findings.error(cidr.where, "cidr: " + cidr.value.text() + " overlaps " + other.value.text() + owner,
                       {{other.where, "this subnet"}});
      }
      const std::optional<Uplink>& uplink = found[later].network->uplink;
      if (uplink && uplink->address && uplink->address->value.overlaps(other.value)) {
        findings.error(uplink->address->where,
                       "uplink.address: " + uplink->address->value.text() + " overlaps " + other.value.text() + owner,
                       {{other.where, "this subnet"}});
      }
    }
  }
}

void sane_service_addresses(const Neighbours& all, Findings& findings) {
  std::map<Ipv4, base::SourcePosition> seen;
  for (const Tenant& tenant : all.tenants) {
    for (const AttestationService* service : hosted_services(tenant)) {
      check_service(all, *service, findings);
      const Ipv4 address = *service->url.value.address;
      const auto [first, fresh] = seen.try_emplace(address, service->url.where);
      if (!fresh)
        findings.error(service->url.where,
                       "attestation.url: " + address.text() + " is already the address of a service",
                       {{first->second, "first used here"}});
    }
  }
}

void distinct_uplink_addresses(const Neighbours& all, Findings& findings) {
  std::map<std::pair<std::string, Ipv4>, base::SourcePosition> seen;
  for (const Subnet& subnet : subnets(all)) {
    const std::optional<Uplink>& uplink = subnet.network->uplink;
    if (!uplink || !uplink->name || !uplink->address || !uplink->gateway) continue;
    check_uplink(all, *uplink, findings);
    const Ipv4 address = uplink->address->value.address;
    const auto [first, fresh] = seen.try_emplace({uplink->name->value, address}, uplink->address->where);
    if (!fresh)
      findings.error(uplink->address->where,
                     "uplink.address: " + address.text() + " is already taken on '" + uplink->name->value + "'",
                     {{first->second, "first used here"}});
  }
}

void fitting_addresses(const Neighbours& all, Findings& findings) {
  for (const Tenant& tenant : all.tenants) {
    for (const NodePool* pool : {&tenant.pools.control, &tenant.pools.worker}) {
      const Network* network = tenant.network(pool->network.value);
      if (network == nullptr) continue;
      if (pool->addresses.empty()) {
        check_default_addresses(*pool, *network, findings);
      } else {
        check_given_addresses(*pool, *network, findings);
      }
    }
  }
}

void flows_that_can_pass(const Neighbours& all, Findings& findings) {
  for (const Tenant& tenant : all.tenants) {
    for (const Flow& flow : tenant.flows) {
      check_way_out(tenant, flow.from, flow.to, findings);
      check_way_out(tenant, flow.to, flow.from, findings);
    }
  }
}

}  // namespace tenants
