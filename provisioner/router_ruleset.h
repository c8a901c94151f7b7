#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace provisioner {

/// A pool's side of the tenant's router.
struct RouterPool {
  std::string interface;  ///< name inside the router namespace: "worker"
  std::string cidr;       ///< "10.20.1.0/24"
  bool service = true;    ///< whether the tenant's service may be reached from here
};

/// An uplink's side of the router.
struct RouterUplink {
  std::string interface;
  std::string cidr;
};

/// One end of a flow: packets that pass this interface with one of these addresses.
struct FlowEnd {
  std::string interface;
  std::vector<std::string> cidrs;  ///< IPv4; empty: the pool's own, or any address behind an uplink
};

/// What one declared flow opens, in the direction in which connections are made. No ports at all means every protocol.
struct RouterFlow {
  FlowEnd from, to;
  std::vector<std::uint16_t> tcp, udp;
};

/// Connections that the tenant's service makes itself: to its KMS.
struct RouterCall {
  std::string interface;      ///< the uplink's
  std::string address;        ///< IPv4
  std::uint16_t port = 0;     ///< TCP
  std::uint32_t user_id = 0;  ///< the service's: nobody else may
};

/// What the router of one tenant lets pass.
struct RouterRules {
  std::vector<RouterPool> pools;
  std::vector<RouterUplink> uplinks;
  std::vector<RouterFlow> flows;
  std::string service_address;  ///< IPv4 address on the router's loopback; empty when there is no service here
  std::uint16_t service_port = 0;
  std::vector<RouterCall> calls;
};

/// The table `inet bulkhead` of the router namespace, as nft reads it, without the owner's mark.
///
/// Policy drop on input, forward and output. Replies come first; before everything, a packet must come through a known
/// interface, be addressed to us alone, and carry a source of that interface's side. IPv6, multicast, broadcast and
/// link-local never pass. Pools reach the service on its port and nothing else of the router; the router itself starts
/// no connection but the service's calls. What leaves through an uplink carries the router's address.
/// @throws Error{failure} when a flow names an interface the router does not have
std::string router_ruleset(const RouterRules& rules);

/// A table that drops what the host would take in, forward or send on these bridges, in both families.
/// @param table its name; @param bridges at least one
std::string host_ruleset(const std::string& table, const std::vector<std::string>& bridges);

}  // namespace provisioner
