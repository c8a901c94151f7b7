#include "provisioner/nftables_filter.h"

#include <algorithm>

#include "base/error.h"
#include "provisioner/iproute2_links.h"
#include "provisioner/nftables_table.h"
#include "provisioner/router_ruleset.h"

namespace provisioner {
namespace {

/// Where a filter's table is and what it shall hold; the two kinds differ in nothing else.
class FilterDriver : public MarkedDriver {
 public:
  std::vector<MarkedThing> marked() override {
    std::vector<MarkedThing> found;
    for (const std::string& name : names()) {
      const std::optional<std::string> listing = table_listing(network_namespace(name), table(name));
      const std::optional<OwnerMark> mark = listing ? listing_mark(*listing) : std::nullopt;
      if (mark) found.push_back({name, *mark});
    }
    return found;
  }

  Undo make(const base::TenantId& tenant, const Resource& wanted) override {
    refuse_foreign(tenant, wanted.name);
    load(tenant, wanted);
    return [where = network_namespace(wanted.name), name = table(wanted.name)] {
      if (table_listing(where, name)) delete_table(where, name);
    };
  }

  Undo replace(const base::TenantId& tenant, const Observed& old, const Resource& wanted) override {
    const std::optional<std::string> before = table_listing(network_namespace(old.name), table(old.name));
    load(tenant, wanted);
    return [where = network_namespace(old.name), name = table(old.name), before] {
      if (before) restore_table(where, name, *before);
    };
  }

  void remove(const base::TenantId& tenant, const std::string& name) override {
    if (has(tenant, name)) delete_table(network_namespace(name), table(name));
  }

 protected:
  /// Names under which this kind's things may be found.
  virtual std::vector<std::string> names() = 0;
  [[nodiscard]] virtual std::string network_namespace(const std::string& name) const = 0;
  [[nodiscard]] virtual std::string table(const std::string& name) const = 0;
  [[nodiscard]] virtual std::string ruleset(const Resource& wanted) const = 0;

  bool exists(const std::string& name) override {
    const std::vector<std::string> all = names();
    return std::find(all.begin(), all.end(), name) != all.end() &&
           table_listing(network_namespace(name), table(name)).has_value();
  }

  std::string drift(const MarkedThing& thing) override {
    const std::optional<std::string> listing = table_listing(network_namespace(thing.name), table(thing.name));
    return listing && listing_is_as_loaded(*listing) ? "" : "rules of table inet " + table(thing.name) + " changed";
  }

 private:
  void load(const base::TenantId& tenant, const Resource& wanted) {
    load_table(network_namespace(wanted.name), table(wanted.name), ruleset(wanted), mark_of(tenant, wanted));
  }
};

class HostFilterDriver final : public FilterDriver {
 public:
  [[nodiscard]] ResourceKind kind() const noexcept override { return ResourceKind::host_filter; }

 protected:
  std::vector<std::string> names() override { return inet_tables(""); }
  [[nodiscard]] std::string network_namespace(const std::string&) const override { return {}; }
  [[nodiscard]] std::string table(const std::string& name) const override { return name; }
  [[nodiscard]] std::string ruleset(const Resource& wanted) const override {
    base::expect_members(wanted.body, {"bridges"}, "body of host filter " + wanted.name);
    std::vector<std::string> bridges;
    for (const base::Json& bridge : wanted.body.at("bridges").array()) bridges.push_back(bridge.text());
    return host_ruleset(wanted.name, bridges);
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
  [[nodiscard]] std::string network_namespace(const std::string& name) const override { return name; }
  [[nodiscard]] std::string table(const std::string&) const override { return "bulkhead"; }
  [[nodiscard]] std::string ruleset(const Resource& wanted) const override {
    base::expect_members(wanted.body, {"ruleset"}, "body of router filter " + wanted.name);
    return wanted.body.at("ruleset").text();
  }
};

}  // namespace

std::unique_ptr<MarkedDriver> make_host_filter_driver() {
  return std::make_unique<HostFilterDriver>();
}
std::unique_ptr<MarkedDriver> make_router_filter_driver() {
  return std::make_unique<RouterFilterDriver>();
}

}  // namespace provisioner
