#include "provisioner/router_ruleset.h"

#include <algorithm>

#include "base/error.h"

namespace provisioner {
namespace {

/// Addresses that mean "this network", "this link", "everyone" or nothing: never routed.
constexpr const char* not_routed = "{ 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/4, 240.0.0.0/4 }";

std::string quoted(const std::string& name) {
  return "\"" + name + "\"";
}

/// "{ a, b }"
template <typename Items, typename Text>
std::string set_of(const Items& items, Text text) {
  std::string joined;
  for (const auto& item : items) joined += (joined.empty() ? "" : ", ") + text(item);
  return "{ " + joined + " }";
}

std::string set_of_cidrs(const std::vector<std::string>& cidrs) {
  return set_of(cidrs, [](const std::string& cidr) { return cidr; });
}

std::string set_of_ports(const std::vector<std::uint16_t>& ports) {
  return set_of(ports, [](std::uint16_t port) { return std::to_string(port); });
}

std::vector<std::string> pool_cidrs(const RouterRules& rules) {
  std::vector<std::string> cidrs;
  for (const RouterPool& pool : rules.pools) cidrs.push_back(pool.cidr);
  return cidrs;
}

/// The addresses of a flow's end; a pool's end is always within the pool.
std::vector<std::string> cidrs_of(const FlowEnd& end, const RouterRules& rules) {
  for (const RouterPool& pool : rules.pools) {
    if (pool.interface == end.interface) return end.cidrs.empty() ? std::vector<std::string>{pool.cidr} : end.cidrs;
  }
  const bool uplink = std::any_of(rules.uplinks.begin(), rules.uplinks.end(),
                                  [&](const RouterUplink& known) { return known.interface == end.interface; });
  if (!uplink)
    throw base::Error(base::Kind::failure, "a flow names interface '" + end.interface + "', which the router has not");
  return end.cidrs;
}

/// What must hold before a packet is looked at further.
std::string sources_chain(const RouterRules& rules) {
  std::vector<std::string> interfaces;
  for (const RouterPool& pool : rules.pools) interfaces.push_back(pool.interface);
  for (const RouterUplink& uplink : rules.uplinks) interfaces.push_back(uplink.interface);
  std::vector<std::string> inside = pool_cidrs(rules);
  if (!rules.service_address.empty()) inside.push_back(rules.service_address);
  std::string text =
      "\tchain sources {\n\t\ttype filter hook prerouting priority raw; policy drop;\n"
      "\t\tiifname \"lo\" accept\n\t\tmeta nfproto ipv6 drop\n\t\tmeta pkttype != host drop\n"
      "\t\tip saddr " +
      std::string(not_routed) + " drop\n\t\tip daddr " + not_routed + " drop\n";
  for (const RouterPool& pool : rules.pools)
    text += "\t\tiifname " + quoted(pool.interface) + " ip saddr " + pool.cidr + " accept\n";
  for (const RouterUplink& uplink : rules.uplinks)
    text += "\t\tiifname " + quoted(uplink.interface) + " ip saddr != " + set_of_cidrs(inside) + " accept\n";
  return text + "\t}\n";
}

std::string input_chain(const RouterRules& rules) {
  std::string text =
      "\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n"
      "\t\tct state established,related accept\n\t\tiifname \"lo\" accept\n";
  for (const RouterPool& pool : rules.pools) {
    if (!pool.service || rules.service_address.empty()) continue;
    text += "\t\tiifname " + quoted(pool.interface) + " ip saddr " + pool.cidr + " ip daddr " + rules.service_address +
            " tcp dport " + std::to_string(rules.service_port) + " ct state new accept\n";
  }
  return text + "\t}\n";
}

/// One rule a protocol; a flow without ports is one rule for all of them.
std::string flow_rules(const RouterFlow& flow, const RouterRules& rules) {
  const auto side = [&](const char* interface, const char* address, const FlowEnd& end) {
    const std::vector<std::string> cidrs = cidrs_of(end, rules);
    return std::string(interface) + quoted(end.interface) +
           (cidrs.empty() ? std::string() : " ip " + std::string(address) + " " + set_of_cidrs(cidrs));
  };
  const std::string ends =
      "\t\t" + side("iifname ", "saddr", flow.from) + " " + side("oifname ", "daddr", flow.to) + " ";
  std::string text;
  if (!flow.tcp.empty()) text += ends + "tcp dport " + set_of_ports(flow.tcp) + " ct state new accept\n";
  if (!flow.udp.empty()) text += ends + "udp dport " + set_of_ports(flow.udp) + " ct state new accept\n";
  return text.empty() ? ends + "ct state new accept\n" : text;
}

std::string forward_chain(const RouterRules& rules) {
  std::string text =
      "\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n"
      "\t\tct state established,related accept\n";
  for (const RouterFlow& flow : rules.flows) text += flow_rules(flow, rules);
  return text + "\t}\n";
}

std::string output_chain(const RouterRules& rules) {
  std::string text =
      "\tchain output {\n\t\ttype filter hook output priority filter; policy drop;\n"
      "\t\toifname \"lo\" accept\n\t\tct state established,related accept\n";
  for (const RouterCall& call : rules.calls)
    text += "\t\toifname " + quoted(call.interface) + " ip daddr " + call.address + " tcp dport " +
            std::to_string(call.port) + " meta skuid " + std::to_string(call.user_id) + " ct state new accept\n";
  return text + "\t}\n";
}

std::string egress_chain(const RouterRules& rules) {
  if (rules.uplinks.empty() || rules.pools.empty()) return {};
  std::string text = "\tchain egress {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n";
  for (const RouterUplink& uplink : rules.uplinks)
    text +=
        "\t\toifname " + quoted(uplink.interface) + " ip saddr " + set_of_cidrs(pool_cidrs(rules)) + " masquerade\n";
  return text + "\t}\n";
}

}  // namespace

std::string router_ruleset(const RouterRules& rules) {
  return "table inet bulkhead {\n" + sources_chain(rules) + input_chain(rules) + forward_chain(rules) +
         output_chain(rules) + egress_chain(rules) + "}\n";
}

std::string host_ruleset(const std::string& table, const std::vector<std::string>& bridges) {
  const std::string names = set_of(bridges, quoted);
  return "table inet " + table + " {\n\tchain input {\n\t\ttype filter hook input priority -10; policy accept;\n" +
         "\t\tiifname " + names + " drop\n\t}\n" +
         "\tchain forward {\n\t\ttype filter hook forward priority -10; policy accept;\n" + "\t\tiifname " + names +
         " drop\n\t\toifname " + names + " drop\n\t}\n" +
         "\tchain output {\n\t\ttype filter hook output priority -10; policy accept;\n" + "\t\toifname " + names +
         " drop\n\t}\n}\n";
}

}  // namespace provisioner
