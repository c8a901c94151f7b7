/// The drivers against this machine: real bridges, namespaces, filters, libvirt and TPM. Needs root and libvirtd
/// (packaging/libvirt-by-hand starts it where systemd does not); skips with the reason otherwise.
#include <gmock/gmock.h>

#include <filesystem>

#include "base/posix_files.h"
#include "base/posix_process.h"
#include "provisioner/iproute2_bridge.h"
#include "provisioner/iproute2_links.h"
#include "provisioner/iproute2_router.h"
#include "provisioner/nftables_filter.h"
#include "provisioner/router_ruleset.h"
#include "provisioner/service_driver.h"
#include "provisioner/service_process.h"
#include "tests/e2e/host_drivers.h"

namespace provisioner {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

Resource router_filter() {
  RouterRules rules;
  rules.pools = {{"worker", "10.77.1.0/24", true}};
  rules.service_address = "10.77.255.1";
  rules.service_port = 8443;
  return {ResourceKind::router_filter, "bh-e2e-acme", Json::Object{{"ruleset", router_ruleset(rules)}}};
}

TEST_F(HostDrivers, BridgeIsMadeMarkedObservedRepairedAndRemoved) {
  const auto driver = kept(make_bridge_driver());
  const Resource wanted = bridge("bhe2e0");
  make(*driver, wanted);
  std::vector<Observed> found = driver->observe(acme);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "bhe2e0");
  EXPECT_EQ(found[0].digest, wanted.digest());
  EXPECT_EQ(found[0].drift, "");
  EXPECT_THAT(driver->observe(globex), IsEmpty());
  EXPECT_TRUE(driver->foreign_namesake(globex, "bhe2e0"));
  EXPECT_FALSE(driver->foreign_namesake(acme, "bhe2e0"));

  set_kernel({}, {{"net/ipv4/conf/bhe2e0/arp_ignore", "0"}});
  found = driver->observe(acme);
  EXPECT_EQ(found.at(0).drift, "net/ipv4/conf/bhe2e0/arp_ignore 8 -> 0");
  driver->replace(acme, found.at(0), wanted);
  EXPECT_EQ(driver->observe(acme).at(0).drift, "");

  driver->remove(globex, "bhe2e0");
  EXPECT_TRUE(find_link({}, "bhe2e0").has_value()) << "another tenant removed it";
  driver->remove(acme, "bhe2e0");
  driver->remove(acme, "bhe2e0");
  EXPECT_FALSE(find_link({}, "bhe2e0").has_value());
  undos_.clear();
}

TEST_F(HostDrivers, BridgeRefusesAForeignNamesake) {
  const NetworkNamespace host{};
  ip(host, {"link", "add", "name", "bhe2e0", "type", "bridge"});
  undos_.emplace_back([host] { ip(host, {"link", "delete", "dev", "bhe2e0"}); });
  const auto driver = kept(make_bridge_driver());
  EXPECT_THROW(driver->make(acme, bridge("bhe2e0")), base::Error);
  driver->remove(acme, "bhe2e0");
  EXPECT_TRUE(find_link(host, "bhe2e0").has_value());
}

TEST_F(HostDrivers, HostFilterNoticesARuleThatWasAdded) {
  const auto driver = kept(make_host_filter_driver());
  const Resource wanted{ResourceKind::host_filter, "bh_e2e-acme_1", Json::Object{{"bridges", Json::Array{"bhe2e0"}}}};
  make(*driver, wanted);
  EXPECT_EQ(driver->observe(acme).at(0).drift, "");
  EXPECT_EQ(driver->observe(acme).at(0).digest, wanted.digest());
  base::run_or_throw({"nft", "insert", "rule", "inet", "bh_e2e-acme_1", "input", "accept"});
  EXPECT_EQ(driver->observe(acme).at(0).drift, "rules of table inet bh_e2e-acme_1 changed");
  const Undo undo = driver->replace(acme, driver->observe(acme).at(0), wanted);
  EXPECT_EQ(driver->observe(acme).at(0).drift, "");
  undo();
  EXPECT_NE(driver->observe(acme).at(0).drift, "") << "undo brings back what was there, the added rule included";
}

TEST_F(HostDrivers, PortFilterStandsBesideTheHostFilterOfTheSameName) {
  const auto hosts = kept(make_host_filter_driver()), ports = kept(make_port_filter_driver());
  const Json port = Json::Object{{"interface", "bhe2e0"}, {"mac", "52:54:00:00:00:01"}, {"address", "10.77.1.10"}};
  make(*hosts, {ResourceKind::host_filter, "bh_e2e-acme_1", Json::Object{{"bridges", Json::Array{"bhe2e0"}}}});
  make(*ports, {ResourceKind::port_filter, "bh_e2e-acme_1", Json::Object{{"ports", Json::Array{port}}}});
  EXPECT_EQ(ports->observe(acme).at(0).drift, "");
  base::run_or_throw({"nft", "insert", "rule", "bridge", "bh_e2e-acme_1", "speakers", "accept"});
  EXPECT_EQ(ports->observe(acme).at(0).drift, "rules of table bridge bh_e2e-acme_1 changed");
  ports->remove(acme, "bh_e2e-acme_1");
  EXPECT_TRUE(ports->observe(acme).empty());
  EXPECT_EQ(hosts->observe(acme).size(), 1U);
}

TEST_F(HostDrivers, RouterAndItsFilterAreMadeInsideTheirNamespaceAndLeaveNothing) {
  const auto bridges = kept(make_bridge_driver()), routers = kept(make_router_driver());
  const auto filters = kept(make_router_filter_driver());
  make(*bridges, bridge("bhe2e0"));
  make(*routers, router());
  make(*filters, router_filter());
  EXPECT_EQ(routers->observe(acme).at(0).drift, "");
  EXPECT_EQ(routers->observe(acme).at(0).digest, router().digest());
  EXPECT_EQ(filters->observe(acme).at(0).drift, "");
  EXPECT_EQ(find_link({}, "bhe2e1").value_or(Link{}).master, "bhe2e0");

  ip({}, {"link", "set", "dev", "bhe2e1", "nomaster"});
  EXPECT_EQ(routers->observe(acme).at(0).drift, "link bhe2e1 not on its bridge");
  routers->replace(acme, routers->observe(acme).at(0), router());
  EXPECT_EQ(routers->observe(acme).at(0).drift, "");
  EXPECT_EQ(filters->observe(acme).at(0).drift, "") << "the filter stays while the router is rebuilt";
  const std::string addresses = base::run_or_throw({"ip", "-netns", "bh-e2e-acme", "address"});
  EXPECT_THAT(addresses, HasSubstr("10.77.1.1/24"));
  EXPECT_THAT(addresses, HasSubstr("10.77.255.1/32"));
  EXPECT_THAT(addresses, testing::Not(HasSubstr("inet6")));

  for (ResourceDriver* driver : std::initializer_list<ResourceDriver*>{filters, routers})
    driver->remove(acme, "bh-e2e-acme");
  bridges->remove(acme, "bhe2e0");
  EXPECT_THAT(network_namespaces(), testing::Not(testing::Contains("bh-e2e-acme")));
  EXPECT_FALSE(find_link({}, "bhe2e1").has_value());
  undos_.clear();
}

TEST_F(HostDrivers, ServiceRunsAsItsOwnUserInItsRouterAndIsStoppedExactly) {
  const std::string root = "/var/lib/bulkhead-e2e";
  std::filesystem::create_directories(root);
  undos_.emplace_back([root] { std::filesystem::remove_all(root); });
  const auto bridges = kept(make_bridge_driver());
  const auto routers = kept(make_router_driver());
  const auto services = kept(make_service_driver({root + "/store", root + "/run", BULKHEAD_LISTENING_SERVICE},
                                                 base::Secret(base::buffer_of(base::bytes_of("{}")))));
  make(*bridges, bridge("bhe2e0"));
  make(*routers, router());
  const Resource wanted{ResourceKind::service, "e2e-acme",
                        Json::Object{{"userId", 64999},
                                     {"address", "10.77.255.1"},
                                     {"port", 8443},
                                     {"router", "bh-e2e-acme"},
                                     {"supervision", "child"},
                                     {"approvalKeys", Json::Array{"pem"}},
                                     {"ca", "pem"}}};
  make(*services, wanted);
  EXPECT_EQ(services->observe(acme).at(0).drift, "");
  EXPECT_EQ(services->user_ids().at(acme), 64999U);
  const std::string run = root + "/run/e2e-acme";
  EXPECT_EQ(base::read_file(run + "/attestd.log"), "listening as 64999 64999 64999, 0 more groups\n");
  const pid_t first = service_process(run + "/attestd.lock").value_or(0);
  EXPECT_THAT(base::read_file("/proc/" + std::to_string(first) + "/status"), HasSubstr("NoNewPrivs:\t1"));

  stop_service(run + "/attestd.lock");
  EXPECT_EQ(services->observe(acme).at(0).drift, "not running");
  services->replace(acme, services->observe(acme).at(0), wanted);
  EXPECT_EQ(services->observe(acme).at(0).drift, "");
  services->remove(acme, "e2e-acme");
  services->remove(acme, "e2e-acme");
  EXPECT_FALSE(std::filesystem::exists(root + "/run"));
  EXPECT_FALSE(std::filesystem::exists(root + "/store/tenants"));
}

TEST_F(HostDrivers, ServiceThatCannotBeRunLeavesNothing) {
  const std::string root = "/var/lib/bulkhead-e2e";
  undos_.emplace_back([root] { std::filesystem::remove_all(root); });
  const auto bridges = kept(make_bridge_driver());
  const auto routers = kept(make_router_driver());
  const auto services = kept(make_service_driver({root + "/store", root + "/run", "/nonexistent"},
                                                 base::Secret(base::buffer_of(base::bytes_of("{}")))));
  make(*bridges, bridge("bhe2e0"));
  make(*routers, router());
  const Resource wanted{ResourceKind::service, "e2e-acme",
                        Json::Object{{"userId", 64999},
                                     {"address", "10.77.255.1"},
                                     {"port", 8443},
                                     {"router", "bh-e2e-acme"},
                                     {"supervision", "child"},
                                     {"approvalKeys", Json::Array{}},
                                     {"ca", ""}}};
  try {
    services->make(acme, wanted);
    ADD_FAILURE() << "a service without a program was started";
  } catch (const base::Error& error) {
    EXPECT_STREQ(error.what(), "cannot run /nonexistent as user 64999 in bh-e2e-acme: No such file or directory");
  }
  EXPECT_THAT(services->observe(acme), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(root + "/store/tenants"));
}

}  // namespace
}  // namespace provisioner
