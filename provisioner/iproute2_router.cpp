#include "provisioner/iproute2_router.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "base/posix_process.h"
#include "provisioner/iproute2_links.h"

namespace provisioner {
namespace {

const NetworkNamespace host{};

/// One leg of the router: a veth whose host end is the only port of its bridge that is not isolated.
struct Leg {
  std::string bridge, interface, host_link;
  std::string address;  ///< with prefix length: "10.20.1.1/24"
  std::string gateway;  ///< of an uplink; empty when there is none
};

struct RouterBody {
  std::string service_address;  ///< empty when there is no service
  std::vector<Leg> legs;
};

std::string text_or_empty(const base::Json* member) {
  return member != nullptr && member->is_string() ? member->text() : std::string();
}

Leg leg_of(const base::Json& object, const char* address, const char* name_member) {
  base::expect_members(object, {name_member, "bridge", "interface", "hostLink", address, "cidr", "gateway"},
                       "a router's leg");
  const std::string& cidr = object.at("cidr").text();
  const std::size_t slash = cidr.find('/');
  if (slash == std::string::npos)
    throw base::Error(base::Kind::malformed, "router: cidr '" + cidr + "' has no prefix length");
  return {object.at("bridge").text(),
          object.at("interface").text(),
          object.at("hostLink").text(),
          object.at(address).text() + cidr.substr(slash),
          {}};
}

RouterBody body_of(const Resource& wanted) {
  base::expect_members(wanted.body, {"service", "pools", "uplinks"}, "body of router " + wanted.name);
  RouterBody body;
  if (const base::Json* const service = wanted.body.find("service"); service != nullptr)
    body.service_address = text_or_empty(service->find("address"));
  for (const base::Json& pool : wanted.body.at("pools").array()) body.legs.push_back(leg_of(pool, "gateway", "pool"));
  for (const base::Json& uplink : wanted.body.at("uplinks").array()) {
    body.legs.push_back(leg_of(uplink, "address", "network"));
    body.legs.back().gateway = text_or_empty(uplink.find("gateway"));
  }
  return body;
}

/// Set while only `lo` exists: links made later inherit `default`, and `all` holds for each.
std::vector<std::pair<std::string, std::string>> router_settings() {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const std::string scope : {"all", "default"}) {
    const std::string ipv4 = "net/ipv4/conf/" + scope + "/", ipv6 = "net/ipv6/conf/" + scope + "/";
    settings.insert(settings.end(), {{ipv6 + "disable_ipv6", "1"},
                                     {ipv6 + "accept_ra", "0"},
                                     {ipv6 + "forwarding", "0"},
                                     {ipv4 + "accept_redirects", "0"},
                                     {ipv4 + "send_redirects", "0"},
                                     {ipv4 + "accept_source_route", "0"},
                                     {ipv4 + "arp_ignore", "1"},
                                     {ipv4 + "arp_announce", "2"},
                                     {ipv4 + "rp_filter", "1"}});
  }
  settings.emplace_back("net/ipv4/ip_forward", "1");
  return settings;
}

/// Turning forwarding on resets redirects to their defaults, so what must hold is written after it once more.
void harden(const NetworkNamespace& router) {
  set_kernel(router, router_settings());
  std::vector<std::pair<std::string, std::string>> again = router_settings();
  again.pop_back();
  set_kernel(router, again);
}

/// The router's address on every bridge of guests; each bridge is a network of its own.
constexpr const char* router_mac = "02:62:68:00:00:01";

/// Tells the bridge for good where the router is: a guest that sends with the router's address as its own must not be
/// believed, or it would cut its neighbours off. Source: bridge(8), "sticky".
void keep_router_on(const std::string& host_link) {
  base::run_or_throw({"bridge", "fdb", "replace", router_mac, "dev", host_link, "master", "static", "sticky"});
}

void attach(const NetworkNamespace& router, const Leg& leg, const OwnerMark& mark) {
  if (find_link(host, leg.host_link)) ip(host, {"link", "delete", "dev", leg.host_link});
  ip(host, {"link", "add", "name", leg.host_link, "type", "veth", "peer", "name", leg.interface, "netns", router.name});
  const bool to_guests = leg.gateway.empty();
  if (to_guests) ip(router, {"link", "set", "dev", leg.interface, "address", router_mac});
  const std::string ipv6 = "net/ipv6/conf/" + leg.host_link + "/";
  set_kernel(host, {{ipv6 + "disable_ipv6", "1"}, {ipv6 + "accept_ra", "0"}});
  ip(host, {"link", "set", "dev", leg.host_link, "alias", mark.text()});
  ip(host, {"link", "set", "dev", leg.host_link, "master", leg.bridge});
  if (to_guests) keep_router_on(leg.host_link);
  ip(host, {"link", "set", "dev", leg.host_link, "up"});
  ip(router, {"address", "add", leg.address, "dev", leg.interface});
  ip(router, {"link", "set", "dev", leg.interface, "up"});
  if (!leg.gateway.empty()) ip(router, {"route", "add", "default", "via", leg.gateway, "dev", leg.interface});
}

/// Deleting one end of a veth deletes both.
void detach(const NetworkNamespace& router) {
  for (const Link& link : links(router)) {
    if (link.kind == "veth") ip(router, {"link", "delete", "dev", link.name});
  }
  ip(router, {"address", "flush", "dev", "lo"});
}

void build(const base::TenantId& tenant, const Resource& wanted) {
  const RouterBody body = body_of(wanted);
  const NetworkNamespace router{wanted.name};
  ip(router, {"link", "set", "dev", "lo", "alias", mark_of(tenant, wanted).text()});
  harden(router);
  ip(router, {"link", "set", "dev", "lo", "up"});
  if (!body.service_address.empty()) ip(router, {"address", "add", body.service_address + "/32", "dev", "lo"});
  for (const Leg& leg : body.legs) attach(router, leg, mark_of(tenant, wanted));
}

class RouterDriver final : public MarkedDriver {
 public:
  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::router; }

  std::vector<MarkedThing> marked() override {
    std::vector<MarkedThing> found;
    for (const std::string& name : network_namespaces()) {
      if (!name.starts_with("bh-")) continue;
      const std::optional<OwnerMark> mark = OwnerMark::parse(find_link({name}, "lo").value_or(Link{}).alias);
      if (mark) found.push_back({name, *mark});
    }
    return found;
  }

  Undo make(const base::TenantId& tenant, const Resource& wanted) override {
    refuse_foreign(tenant, wanted.name);
    ip(host, {"netns", "add", wanted.name});
    UndoUnlessDone undo([name = wanted.name] { ip(host, {"netns", "delete", name}); });
    build(tenant, wanted);
    return undo.done();
  }

  /// In place, so that the service goes on in its namespace. The old legs are not known any more, so nothing is taken
  /// back: a later `apply` of either plan builds its own again.
  Undo replace(const base::TenantId& tenant, const Observed& old, const Resource& wanted) override {
    detach({old.name});
    build(tenant, wanted);
    return [] {};
  }

  void remove(const base::TenantId& tenant, const std::string& name) override {
    if (!has(tenant, name)) return;
    for (const Link& link :
         links({name})) {  // deleting one end of a veth deletes both, now and not when the last user leaves
      if (link.kind == "veth") ip({name}, {"link", "delete", "dev", link.name});
    }
    ip(host, {"netns", "delete", name});
  }

 protected:
  bool exists(const std::string& name) override {
    const std::vector<std::string> names = network_namespaces();
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  std::string drift(const MarkedThing& thing) override {
    std::size_t legs = 0;
    for (const Link& link : links({thing.name})) {
      if (!link.up) return "link " + link.name + " not up";
      if (link.kind == "veth") ++legs;
    }
    for (const Link& link : links(host)) {
      if (link.kind != "veth" || link.alias != thing.mark.text()) continue;
      if (link.master.empty() || !link.up) return "link " + link.name + " not on its bridge";
      --legs;
    }
    if (legs != 0) return "a link to its bridges is missing";
    for (const auto& [name, wanted] : router_settings()) {
      const std::string got = kernel_settings({thing.name}, {name}).front();
      if (got != wanted) return name + " " + wanted + " -> " + got;
    }
    return {};
  }
};

}  // namespace

std::unique_ptr<MarkedDriver> make_router_driver() {
  return std::make_unique<RouterDriver>();
}

}  // namespace provisioner
