#include "provisioner/libvirt_network.h"

#include <libvirt/libvirt.h>

#include <cstdlib>

#include "base/json.h"
#include "provisioner/network_xml.h"

namespace provisioner {
namespace {

struct FreeNetwork {
  void operator()(virNetworkPtr network) const { ::virNetworkFree(network); }
};
using Network = std::unique_ptr<virNetwork, FreeNetwork>;

/// nullopt when the network is not there any more.
std::optional<std::string> xml_if_there(virNetworkPtr network) {
  const std::unique_ptr<char, void (*)(void*)> text(::virNetworkGetXMLDesc(network, VIR_NETWORK_XML_INACTIVE),
                                                    std::free);
  if (text) return std::string(text.get());
  if (!is_gone_meanwhile()) throw_libvirt_error("cannot read a network");
  return std::nullopt;
}

std::string xml_of(virNetworkPtr network) {
  std::optional<std::string> text = xml_if_there(network);
  if (!text) throw_libvirt_error("cannot read a network");
  return std::move(*text);
}

class NetworkDriver final : public MarkedDriver {
 public:
  explicit NetworkDriver(std::shared_ptr<LibvirtConnection> connection) : connection_(std::move(connection)) {}

  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::network; }

  std::vector<MarkedThing> marked() override {
    std::vector<MarkedThing> found;
    virNetworkPtr* networks = nullptr;
    const int count = ::virConnectListAllNetworks(connection_->get(), &networks, 0);
    if (count < 0) throw_libvirt_error("cannot list networks");
    for (int i = 0; i < count; ++i) {
      const Network network(networks[i]);
      const std::optional<std::string> xml = xml_if_there(network.get());
      const std::optional<OwnerMark> mark = xml ? metadata_mark(*xml) : std::nullopt;
      if (mark) found.push_back({::virNetworkGetName(network.get()), *mark});
    }
    std::free(networks);
    return found;
  }

  Undo make(const base::TenantId& tenant, const Resource& wanted) override {
    refuse_foreign(tenant, wanted.name);
    base::expect_members(wanted.body, {"bridge"}, "body of network " + wanted.name);
    define(network_xml(wanted.name, wanted.body.at("bridge").text(), mark_of(tenant, wanted)), wanted.name);
    return [this, tenant, name = wanted.name] { remove(tenant, name); };
  }

  Undo replace(const base::TenantId& tenant, const Observed& old, const Resource& wanted) override {
    const std::string before = xml_of(find(old.name).get());
    remove(tenant, old.name);
    make(tenant, wanted);
    return [this, tenant, before, name = wanted.name] {
      remove(tenant, name);
      define(before, name);
    };
  }

  void remove(const base::TenantId& tenant, const std::string& name) override {
    if (!has(tenant, name)) return;
    const Network network = find(name);
    if (::virNetworkIsActive(network.get()) == 1 && ::virNetworkDestroy(network.get()) != 0)
      throw_libvirt_error("cannot stop network " + name);
    if (::virNetworkUndefine(network.get()) != 0) throw_libvirt_error("cannot undefine network " + name);
  }

 protected:
  bool exists(const std::string& name) override { return find(name) != nullptr; }

  std::string drift(const MarkedThing& thing) override {
    const Network network = find(thing.name);
    if (!network || ::virNetworkIsActive(network.get()) != 1) return "not active";
    return {};
  }

 private:
  Network find(const std::string& name) const {
    return Network(::virNetworkLookupByName(connection_->get(), name.c_str()));
  }

  void define(const std::string& xml, const std::string& name) const {
    const Network network(::virNetworkDefineXMLFlags(connection_->get(), xml.c_str(), VIR_NETWORK_DEFINE_VALIDATE));
    if (!network) throw_libvirt_error("cannot define network " + name);
    UndoUnlessDone undo([&] { ::virNetworkUndefine(network.get()); });
    if (::virNetworkCreate(network.get()) != 0) throw_libvirt_error("cannot start network " + name);
    if (::virNetworkSetAutostart(network.get(), 0) != 0) throw_libvirt_error("cannot set up network " + name);
    static_cast<void>(undo.done());
  }

  std::shared_ptr<LibvirtConnection> connection_;
};

}  // namespace

std::unique_ptr<MarkedDriver> make_network_driver(std::shared_ptr<LibvirtConnection> connection) {
  return std::make_unique<NetworkDriver>(std::move(connection));
}

}  // namespace provisioner
