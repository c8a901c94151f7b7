#include "provisioner/nftables_filter.h"

#include <algorithm>

#include "base/error.h"
#include "provisioner/iproute2_links.h"
#include "provisioner/nftables_table.h"
#include "provisioner/port_ruleset.h"
#include "provisioner/router_ruleset.h"

namespace provisioner {
namespace {

/// Where a filter's table is and what it shall hold; the kinds differ in nothing else.
class FilterDriver : public MarkedDriver {
 public:
  std::vector<MarkedThing> marked() override {
    std::vector<MarkedThing> found;
    for (const std::string& name : names()) {
      const std::optional<std::string> listing = table_listing(table(name));
      const std::optional<OwnerMark> mark = listing ? listing_mark(*listing) : std::nullopt;
      if (mark) found.push_back({name, *mark});
    }
    return found;
  }

  Undo make(const base::TenantId& tenant, const Resource& wanted) override {
    refuse_foreign(tenant, wanted.name);
    load(tenant, wanted);
    return [table = table(wanted.name)] {
      if (table_listing(table)) delete_table(table);
    };
  }

  Undo replace(const base::TenantId& tenant, const Observed& old, const Resource& wanted) override {
    const std::optional<std::string> before = table_listing(table(old.name));
    load(tenant, wanted);
    return [table = table(old.name), before] {
      if (before) restore_table(table, *before);
    };
  }

  void remove(const base::TenantId& tenant, const std::string& name) override {
    if (has(tenant, name)) delete_table(table(name));
  }

 protected:
  /// Names under which this kind's things may be found.
  virtual std::vector<std::string> names() = 0;
  [[nodiscard]] virtual TableAddress table(const std::string& name) const = 0;
  [[nodiscard]] virtual std::string ruleset(const Resource& wanted) const = 0;

  bool exists(const std::string& name) override {
    const std::vector<std::string> all = names();
    return std::find(all.begin(), all.end(), name) != all.end() && table_listing(table(name)).has_value();
  }

  std::string drift(const MarkedThing& thing) override {
    const TableAddress address = table(thing.name);
    const std::optional<std::string> listing = table_listing(address);
    return listing && listing_is_as_loaded(*listing)
               ? ""
               : "rules of table " + address.family + " " + address.name + " changed";
  }

 private:
  void load(const base::TenantId& tenant, const Resource& wanted) {
    load_table(table(wanted.name), ruleset(wanted), mark_of(tenant, wanted));
  }
};

class HostFilterDriver final : public FilterDriver {
 public:
  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::host_filter; }

 protected:
  std::vector<std::string> names() override { return tables_of("", "inet"); }
  [[nodiscard]] TableAddress table(const std::string& name) const override { return {"", "inet", name}; }
  [[nodiscard]] std::string ruleset(const Resource& wanted) const override {
    base::expect_members(wanted.body, {"bridges"}, "body of host filter " + wanted.name);
    std::vector<std::string> bridges;
    for (const base::Json& bridge : wanted.body.at("bridges").array()) bridges.push_back(bridge.text());
    return host_ruleset(wanted.name, bridges);
  }
};

class PortFilterDriver final : public FilterDriver {
 public:
  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::port_filter; }

 protected:
  std::vector<std::string> names() override { return tables_of("", "bridge"); }
  [[nodiscard]] TableAddress table(const std::string& name) const override { return {"", "bridge", name}; }
  [[nodiscard]] std::string ruleset(const Resource& wanted) const override {
    const std::string where = "body of port filter " + wanted.name;
    base::expect_members(wanted.body, {"ports"}, where);
    std::vector<GuestPort> ports;
    for (const base::Json& port : wanted.body.at("ports").array()) {
      base::expect_members(port, {"interface", "mac", "address"}, where);
      ports.push_back({port.at("interface").text(), port.at("mac").text(), port.at("address").text()});
    }
    return port_ruleset(wanted.name, ports);
  }
};

class RouterFilterDriver final : public FilterDriver {
 public:
  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::router_filter; }

 protected:
  std::vector<std::string> names() override {
    std::vector<std::string> names = network_namespaces();
    std::erase_if(names, [](const std::string& name) { return !name.starts_with("bh-"); });
    return names;
  }
  [[nodiscard]] TableAddress table(const std::string& name) const override { return {name, "inet", "bulkhead"}; }
  [[nodiscard]] std::string ruleset(const Resource& wanted) const override {
    base::expect_members(wanted.body, {"ruleset"}, "body of router filter " + wanted.name);
    return wanted.body.at("ruleset").text();
  }
};

}  // namespace

std::unique_ptr<MarkedDriver> make_host_filter_driver() {
  return std::make_unique<HostFilterDriver>();
}
std::unique_ptr<MarkedDriver> make_port_filter_driver() {
  return std::make_unique<PortFilterDriver>();
}
std::unique_ptr<MarkedDriver> make_router_filter_driver() {
  return std::make_unique<RouterFilterDriver>();
}

}  // namespace provisioner
