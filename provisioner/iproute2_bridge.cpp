#include "provisioner/iproute2_bridge.h"

#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "provisioner/iproute2_links.h"

namespace provisioner {
namespace {

const NetworkNamespace host{};

/// IPv6 off and deaf to ARP, so that the host is not a neighbour of any guest.
std::vector<std::pair<std::string, std::string>> settings_of(const std::string& bridge) {
  const std::string ipv4 = "net/ipv4/conf/" + bridge + "/", ipv6 = "net/ipv6/conf/" + bridge + "/";
  return {{ipv6 + "disable_ipv6", "1"}, {ipv6 + "accept_ra", "0"},        {ipv6 + "accept_redirects", "0"},
          {ipv4 + "arp_ignore", "8"},   {ipv4 + "accept_redirects", "0"}, {ipv4 + "send_redirects", "0"},
          {ipv4 + "rp_filter", "1"}};
}

/// A host-wide switch that would send frames of every bridge through the host's IP filters; absent without
/// br_netfilter.
std::vector<std::pair<std::string, std::string>> bridge_netfilter_off() {
  std::vector<std::pair<std::string, std::string>> settings;
  for (const std::string table : {"iptables", "ip6tables", "arptables"}) {
    const std::string name = "net/bridge/bridge-nf-call-" + table;
    if (!kernel_settings(host, {name}).front().empty()) settings.emplace_back(name, "0");
  }
  return settings;
}

std::vector<std::pair<std::string, std::string>> all_settings(const std::string& bridge) {
  std::vector<std::pair<std::string, std::string>> settings = settings_of(bridge);
  for (auto& setting : bridge_netfilter_off()) settings.push_back(std::move(setting));
  return settings;
}

/// No spanning tree, no delay before ports forward, no IP filters of the host's on frames, no queries of its own.
std::vector<std::string> new_bridge(const std::string& name) {
  std::vector<std::string> arguments = {"link", "add", "name", name, "type", "bridge"};
  for (const char* off :
       {"stp_state", "forward_delay", "mcast_snooping", "nf_call_iptables", "nf_call_ip6tables", "nf_call_arptables"})
    arguments.insert(arguments.end(), {off, "0"});
  return arguments;
}

class BridgeDriver final : public MarkedDriver {
 public:
  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::bridge; }

  std::vector<MarkedThing> marked() override {
    std::vector<MarkedThing> found;
    for (const Link& link : links(host)) {
      const std::optional<OwnerMark> mark = OwnerMark::parse(link.alias);
      if (mark && link.kind == "bridge") found.push_back({link.name, *mark});
    }
    return found;
  }

  Undo make(const base::TenantId& tenant, const Resource& wanted) override {
    base::expect_members(wanted.body, {"pool"}, "body of bridge " + wanted.name);
    refuse_foreign(tenant, wanted.name);
    ip(host, new_bridge(wanted.name));
    UndoUnlessDone undo([name = wanted.name] { ip(host, {"link", "delete", "dev", name, "type", "bridge"}); });
    finish(tenant, wanted);
    return undo.done();
  }

  Undo replace(const base::TenantId& tenant, const Observed& old, const Resource& wanted) override {
    finish(tenant, wanted);
    return [tenant, old] { ip(host, {"link", "set", "dev", old.name, "alias", OwnerMark{tenant, old.digest}.text()}); };
  }

  void remove(const base::TenantId& tenant, const std::string& name) override {
    if (has(tenant, name)) ip(host, {"link", "delete", "dev", name, "type", "bridge"});
  }

 protected:
  bool exists(const std::string& name) override { return find_link(host, name).has_value(); }

  std::string drift(const MarkedThing& thing) override {
    if (!find_link(host, thing.name).value_or(Link{}).up) return "not up";
    for (const auto& [name, wanted] : all_settings(thing.name)) {
      const std::string got = kernel_settings(host, {name}).front();
      if (got != wanted) return name + " " + wanted + " -> " + (got.empty() ? "absent" : got);
    }
    return {};
  }

 private:
  static void finish(const base::TenantId& tenant, const Resource& wanted) {
    ip(host, {"link", "set", "dev", wanted.name, "alias", mark_of(tenant, wanted).text()});
    set_kernel(host, all_settings(wanted.name));
    ip(host, {"link", "set", "dev", wanted.name, "up"});
  }
};

}  // namespace

std::unique_ptr<MarkedDriver> make_bridge_driver() {
  return std::make_unique<BridgeDriver>();
}

}  // namespace provisioner
