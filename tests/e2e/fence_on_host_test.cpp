/// The operator's fence with real traffic: two namespaces stand for guests on one bridge.
#include "base/posix_process.h"
#include "provisioner/iproute2_bridge.h"
#include "provisioner/iproute2_links.h"
#include "provisioner/iproute2_router.h"
#include "provisioner/names.h"
#include "provisioner/nftables_fence.h"
#include "provisioner/nftables_filter.h"
#include "provisioner/router_ruleset.h"
#include "tenants/derived_names.h"
#include "tests/e2e/host_drivers.h"

namespace provisioner {
namespace {

/// A network namespace that stands for guest worker/INDEX: its port, its address, and the way to the router.
class GuestOnBridge {
 public:
  explicit GuestOnBridge(unsigned index)
      : name_("bhe2e-guest-" + std::to_string(index)),
        address_("10.77.1." + std::to_string(tenants::first_guest_host + index)),
        port_(tenants::port_name({acme, base::Pool::worker, index})) {
    ip({}, {"netns", "add", name_});
    ip({}, {"link", "add", "name", port_, "type", "veth", "peer", "name", "eth0", "netns", name_});
    ip({}, {"link", "set", "dev", port_, "master", "bhe2e0", "up"});
    base::run_or_throw({"bridge", "link", "set", "dev", port_, "isolated", "on"});
    ip({name_}, {"link", "set", "dev", "eth0", "up"});
    ip({name_}, {"address", "add", address_ + "/32", "dev", "eth0"});
    ip({name_}, {"route", "add", "10.77.1.1", "dev", "eth0"});
    ip({name_}, {"route", "add", "default", "via", "10.77.1.1"});
  }
  GuestOnBridge(const GuestOnBridge&) = delete;
  GuestOnBridge& operator=(const GuestOnBridge&) = delete;
  ~GuestOnBridge() { static_cast<void>(base::run({"ip", "netns", "delete", name_})); }

  [[nodiscard]] Json port() const {
    const std::string link = base::run_or_throw({"ip", "-netns", name_, "-brief", "link", "show", "eth0"});
    return Json::Object{{"interface", port_}, {"mac", link.substr(link.find(':') - 2, 17)}, {"address", address_}};
  }
  [[nodiscard]] bool reaches(const GuestOnBridge& other) const { return is_answered_by(other.address_); }
  [[nodiscard]] bool reaches_service() const { return is_answered_by("10.77.255.1"); }

 private:
  /// Nobody listens there, so an answer is a refusal; without one the attempt ends with the time.
  [[nodiscard]] bool is_answered_by(const std::string& address) const {
    const std::string connect = ": <>/dev/tcp/" + address + "/8443";
    return base::run({"ip", "netns", "exec", name_, "timeout", "2", "bash", "-c", connect}).errors.find("refused") !=
           std::string::npos;
  }

  std::string name_, address_, port_;
};

TEST_F(HostDrivers, FenceCutsAGuestOffFromItsNeighbourAndNotFromItsService) {
  make(*kept(make_bridge_driver()), bridge("bhe2e0"));
  make(*kept(make_router_driver()), router());
  RouterRules rules;
  rules.pools = {{"worker", "10.77.1.0/24", true}};
  rules.flows = {{{"worker", {}}, {"worker", {}}, {}, {}}};
  rules.service_address = "10.77.255.1";
  rules.service_port = 8443;
  const auto filters = kept(make_router_filter_driver());
  make(*filters, {ResourceKind::router_filter, "bh-e2e-acme", Json::Object{{"ruleset", router_ruleset(rules)}}});
  const GuestOnBridge first(0), second(1);
  make(*kept(make_port_filter_driver()), {ResourceKind::port_filter, filter_name(acme),
                                          Json::Object{{"ports", Json::Array{first.port(), second.port()}}}});
  EXPECT_TRUE(first.reaches(second));
  EXPECT_TRUE(first.reaches_service());

  set_fence(acme, {"worker/0"});
  EXPECT_EQ(fenced_guests(acme), std::set<std::string>{"worker/0"});
  EXPECT_FALSE(first.reaches(second));
  EXPECT_FALSE(second.reaches(first));
  EXPECT_TRUE(first.reaches_service()) << "so it can attest again";
  EXPECT_EQ(filters->observe(acme).at(0).drift, "") << "a fence is no drift";
  EXPECT_THROW(set_fence(acme, {"worker/0", "worker/9"}), base::Error);
  EXPECT_EQ(fenced_guests(acme), std::set<std::string>{"worker/0"}) << "as it was";

  set_fence(acme, {"worker/1"});
  EXPECT_FALSE(first.reaches(second));
  set_fence(acme, {});
  EXPECT_TRUE(fenced_guests(acme).empty());
  EXPECT_TRUE(first.reaches(second));
  set_fence(acme, {});
  EXPECT_TRUE(fenced_guests({"e2e-nobody"}).empty());
}

}  // namespace
}  // namespace provisioner
