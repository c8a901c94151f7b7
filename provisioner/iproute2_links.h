#pragma once
#include <optional>
#include <string>
#include <vector>

namespace provisioner {

/// A network namespace named under /run/netns, or the host's when empty.
struct NetworkNamespace {
  std::string name;
};

/// One link as `ip -details -json link` tells it.
struct Link {
  std::string name;
  std::string kind;    ///< "bridge", "veth", ...; empty for hardware
  std::string master;  ///< the bridge it is a port of
  std::string alias;
  bool up = false;
};

/// All links of a namespace. @throws Error{host} in iproute2's own words
std::vector<Link> links(const NetworkNamespace& where);
std::optional<Link> find_link(const NetworkNamespace& where, const std::string& name);

/// `ip ARGUMENTS` in a namespace. @throws Error{host} in iproute2's own words
void ip(const NetworkNamespace& where, std::vector<std::string> arguments);

/// Names of the network namespaces.
std::vector<std::string> network_namespaces();

/// Writes kernel settings as /proc/sys of that namespace shows them.
/// @param settings "net/ipv4/ip_forward" and its value, in order. @throws Error{host} naming the first refused
void set_kernel(const NetworkNamespace& where, const std::vector<std::pair<std::string, std::string>>& settings);
/// The values of settings; absent ones are empty.
std::vector<std::string> kernel_settings(const NetworkNamespace& where, const std::vector<std::string>& names);

}  // namespace provisioner
