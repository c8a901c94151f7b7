#pragma once
#include <string>
#include <vector>

namespace provisioner {

/// A guest's port of its bridge and who may speak there.
struct GuestPort {
  std::string interface;  ///< the host's end of the guest's network card
  std::string mac;        ///< "52:54:00:.."
  std::string address;    ///< IPv4
};

/// The table `bridge TABLE`, as nft reads it, without the owner's mark: what comes from a guest's port is ARP or IPv4
/// of this guest's own MAC and address, or is dropped before the bridge learns from it. So no guest can take a
/// neighbour's place, and no IPv6, VLAN or link-layer protocol of a guest enters a bridge at all.
/// @param table its name; @param ports at least one
std::string port_ruleset(const std::string& table, const std::vector<GuestPort>& ports);

}  // namespace provisioner
