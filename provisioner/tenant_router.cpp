#include "provisioner/tenant_router.h"

#include "provisioner/tenant_flows.h"
#include "tenants/ipv4.h"

namespace provisioner {
namespace {

/// An address and TCP port outside.
struct Outside {
  std::string address;
  std::uint16_t port = 0;
};

/// The uplink by which the router reaches an address: the one in whose subnet it is, else the first there is. Nullptr
/// when it is no IPv4 address or there is no uplink; `check` says so.
const NetworkIntent* way_to(const Intent& intent, const std::string& text) {
  const std::optional<tenants::Ipv4> address = tenants::Ipv4::parse(text);
  const NetworkIntent* way = nullptr;
  for (const NetworkIntent& network : intent.networks) {
    if (!address || !network.uplink) continue;
    const auto subnet = tenants::Cidr::parse(network.uplink->address);
    if (subnet && subnet->contains(*address)) return &network;
    if (way == nullptr) way = &network;
  }
  return way;
}

void let_guests_call(RouterRules& rules, const Intent& intent, const Outside& outside) {
  const NetworkIntent* const way = way_to(intent, outside.address);
  if (way == nullptr) return;
  const FlowEnd there{uplink_interface(way->pool), {outside.address}};
  for (const NetworkIntent& network : intent.networks)
    rules.flows.push_back({{base::name_of(network.pool), {}}, there, {outside.port}, {}});
}

void let_service_call(RouterRules& rules, const Intent& intent, const Outside& outside, std::uint32_t user_id) {
  if (const NetworkIntent* const way = way_to(intent, outside.address))
    rules.calls.push_back({uplink_interface(way->pool), outside.address, outside.port, user_id});
}

/// Of "192.0.2.9:8200"; the port is 0 where there is none.
Outside outside_of(const std::string& server) {
  const std::string host = server.substr(0, server.find(':'));
  if (host.size() == server.size()) return {host, 0};
  return {host, static_cast<std::uint16_t>(std::stoul(server.substr(host.size() + 1)))};
}

}  // namespace

RouterRules router_rules(const Intent& intent, std::uint32_t user_id) {
  RouterRules rules;
  for (const NetworkIntent& network : intent.networks) {
    rules.pools.push_back({base::name_of(network.pool), network.cidr, true});
    if (network.uplink) rules.uplinks.push_back({uplink_interface(network.pool), network.uplink->address});
  }
  for (const FlowIntent& flow : intent.flows)
    rules.flows.push_back(
        {{flow.from.interface, flow.from.cidrs}, {flow.to.interface, flow.to.cidrs}, flow.tcp, flow.udp});
  const auto port = static_cast<std::uint16_t>(intent.service.port);
  if (intent.service.placement == "owner") let_guests_call(rules, intent, {intent.service.address, port});
  const bool passport = intent.kms && intent.kms->place.model == kms::Model::passport;
  if (passport) let_guests_call(rules, intent, outside_of(intent.kms->place.server));
  if (!intent.service.on_host()) return rules;
  rules.service_address = intent.service.address;
  rules.service_port = port;
  if (intent.kms && !passport) let_service_call(rules, intent, outside_of(intent.kms->place.server), user_id);
  return rules;
}

}  // namespace provisioner
