/// The drivers against this machine: real bridges, namespaces, filters, libvirt and TPM. Needs root and libvirtd
/// (packaging/libvirt-by-hand starts it where systemd does not); skips with the reason otherwise.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "base/posix_process.h"
#include "provisioner/domain_xml.h"
#include "provisioner/guest_key_driver.h"
#include "provisioner/iproute2_bridge.h"
#include "provisioner/iproute2_links.h"
#include "provisioner/iproute2_router.h"
#include "provisioner/libvirt_domain.h"
#include "provisioner/libvirt_network.h"
#include "provisioner/names.h"
#include "provisioner/nftables_fence.h"
#include "provisioner/nftables_filter.h"
#include "provisioner/router_ruleset.h"
#include "provisioner/service_driver.h"
#include "provisioner/service_process.h"
#include "provisioner/software_tpm.h"
#include "provisioner/store_files.h"
#include "provisioner/tss2_attestation_key.h"
#include "tenants/derived_names.h"

namespace {

using namespace provisioner;
using base::Json;
using testing::HasSubstr;
using testing::IsEmpty;

const base::TenantId acme{"e2e-acme"}, globex{"e2e-globex"};

/// Removes what a test made, whatever becomes of the test.
class HostDrivers : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "making links, namespaces and filters needs root";
  }
  void TearDown() override {
    for (auto undo = undos_.rbegin(); undo != undos_.rend(); ++undo) {
      try {
        (*undo)();
      } catch (const base::Error& error) {
        ADD_FAILURE() << "undo: " << error.what();
      }
    }
  }
  /// Undos speak to their driver, so it lives as long as they do.
  template <typename Driver>
  Driver* kept(std::unique_ptr<Driver> driver) {
    Driver* const raw = driver.get();
    drivers_.push_back(std::move(driver));
    return raw;
  }
  void make(ResourceDriver& driver, const Resource& wanted) { undos_.push_back(driver.make(acme, wanted)); }

  std::vector<std::unique_ptr<ResourceDriver>> drivers_;
  std::vector<Undo> undos_;
};

Resource bridge(const std::string& name) {
  return {ResourceKind::bridge, name, Json::Object{{"pool", "worker"}}};
}

Resource router() {
  return {ResourceKind::router, "bh-e2e-acme",
          Json::Object{{"service", Json::Object{{"address", "10.77.255.1"}}},
                       {"pools", Json::Array{Json::Object{{"pool", "worker"},
                                                          {"bridge", "bhe2e0"},
                                                          {"interface", "worker"},
                                                          {"hostLink", "bhe2e1"},
                                                          {"gateway", "10.77.1.1"},
                                                          {"cidr", "10.77.1.0/24"}}}},
                       {"uplinks", Json::Array{}}}};
}

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

/// A service that remembers the keys it was told.
class RememberingService final : public ServiceAdmin {
 public:
  explicit RememberingService(std::map<std::string, std::string>& keys) : keys_(keys) {}
  Json state() override {
    Json::Array guests;
    for (const auto& [name, digest] : keys_) guests.push_back(Json::Object{{"guest", name}, {"akSha256", digest}});
    return Json::Object{{"guests", guests}};
  }
  void put_approval(const std::string&) override {}
  void put_guest_key(const std::string& guest, base::Bytes key) override { keys_[guest] = base::sha256(key).hex(); }
  void delete_guest_key(const std::string& guest) override { keys_.erase(guest); }
  std::vector<std::string> shred_keys() override { return {}; }

 private:
  std::map<std::string, std::string>& keys_;
};

std::string with_word(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

/// A guest of the machine's own kernel under emulation, with a TPM whose key was made before its first start.
class Guest : public HostDrivers {
 protected:
  void SetUp() override {
    HostDrivers::SetUp();
    if (IsSkipped()) return;
    for (const auto& file : std::filesystem::directory_iterator("/boot")) {
      if (file.path().filename().string().starts_with("vmlinuz")) kernel_ = file.path();
    }
    if (kernel_.empty() || !std::filesystem::exists(firmware_))
      GTEST_SKIP() << "no kernel in /boot or no " << firmware_;
    try {
      connection_ = std::make_shared<LibvirtConnection>("qemu:///system");
    } catch (const base::Error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  [[nodiscard]] Resource domain(const std::string& command_line) const {
    DomainInputs inputs;
    inputs.launch.cpu_model = "qemu64";
    inputs.launch.memory = base::MiB{256};
    inputs.launch.firmware.path = firmware_;
    inputs.launch.kernel.path = store_ + "/tenants/e2e-acme/boot/kernel";
    inputs.launch.command_line = command_line;
    inputs.name = "bh-e2e-acme-worker-0";
    inputs.uuid = uuid_;
    inputs.title = "e2e-acme worker/0";
    inputs.network = "bh-e2e-acme-worker";
    inputs.mac = "52:54:00:77:01:0a";
    inputs.port = "bhe2eport";
    inputs.disks = {{store_ + "/tenants/e2e-acme/volumes/config.img", "bulkhead-config", true}};
    inputs.console_log = store_ + "/tenants/e2e-acme/console/worker-0.log";
    inputs.accelerator = Accelerator::tcg;
    return {ResourceKind::domain, inputs.name, Json::Object{{"xml", domain_xml(inputs)}}};
  }

  [[nodiscard]] Resource boot_file() const {
    return {ResourceKind::boot_file, store_ + "/tenants/e2e-acme/boot/kernel",
            Json::Object{{"source", kernel_}, {"sha256", base::file_sha256(kernel_).hex()}}};
  }
  [[nodiscard]] Resource config_disk() const {
    return {ResourceKind::volume, store_ + "/tenants/e2e-acme/volumes/config.img",
            Json::Object{{"type", "configDisk"}, {"initdata", "version = \"0.1.0\"\n"}}};
  }
  [[nodiscard]] Resource guest_key() const {
    return {ResourceKind::guest_key, "worker-0", Json::Object{{"uuid", uuid_}, {"guest", "worker/0"}}};
  }

  const std::string store_ = "/var/lib/bulkhead-e2e", firmware_ = "/usr/share/OVMF/OVMF_CODE_4M.fd";
  const std::string uuid_ = "b0e2e000-0000-5000-8000-000000000001";
  std::string kernel_;
  std::shared_ptr<LibvirtConnection> connection_;
  std::map<std::string, std::string> keys_;
};

TEST_F(Guest, IsMadeStartedFoundDriftedRepairedAndLeavesNothing) {
  const auto bridges = kept(make_bridge_driver());
  const auto networks = kept(make_network_driver(connection_));
  const auto boot_files = kept(make_boot_file_driver(store_));
  const auto volumes = kept(make_volume_driver(store_));
  const auto keys = kept(make_guest_key_driver(
      "/var/lib/libvirt/swtpm", [this](const base::TenantId&) { return std::make_unique<RememberingService>(keys_); },
      [](const std::string& directory) { return make_tpm_state(directory, make_attestation_key); }));
  const auto domains = kept(make_domain_driver(connection_, {}));
  make(*bridges, bridge("bhe2e0"));
  make(*networks, {ResourceKind::network, "bh-e2e-acme-worker", Json::Object{{"bridge", "bhe2e0"}}});
  make(*boot_files, boot_file());
  make(*volumes, config_disk());
  make(*keys, guest_key());
  const Resource wanted = domain("console=ttyS0");
  make(*domains, wanted);
  const std::vector<ResourceDriver*> all = {bridges, networks, boot_files, volumes, keys, domains};
  for (ResourceDriver* driver : all) {
    ASSERT_EQ(driver->observe(acme).size(), 1U) << name_of(driver->kind());
    EXPECT_EQ(driver->observe(acme)[0].drift, "") << name_of(driver->kind());
  }
  ASSERT_EQ(domains->guests(acme).size(), 1U);
  EXPECT_EQ(domains->guests(acme)[0].guest, "worker/0");
  EXPECT_TRUE(domains->guests(acme)[0].running);
  EXPECT_GT(domains->guests(acme)[0].started_ms, 0);

  base::run_or_throw({"virsh", "-c", "qemu:///system", "destroy", wanted.name});
  EXPECT_EQ(domains->observe(acme).at(0).drift, "not running");
  const std::string edited =
      base::run_or_throw({"virsh", "-c", "qemu:///system", "dumpxml", "--inactive", wanted.name});
  base::write_file_atomically(store_ + "/edited.xml", with_word(edited, ">console=ttyS0<", ">console=ttyS0 evil<"),
                              0600);
  base::run_or_throw({"virsh", "-c", "qemu:///system", "define", store_ + "/edited.xml"});
  std::filesystem::remove(store_ + "/edited.xml");
  EXPECT_EQ(domains->observe(acme).at(0).drift, "cmdline console=ttyS0 -> console=ttyS0 evil");
  const std::string known_key = keys_["worker-0"];
  domains->replace(acme, domains->observe(acme).at(0), wanted);
  EXPECT_EQ(domains->observe(acme).at(0).drift, "");
  EXPECT_EQ(keys->observe(acme).at(0).drift, "") << "the TPM state outlives a replaced domain";
  keys_.clear();
  EXPECT_EQ(keys->observe(acme).at(0).drift, "not enrolled");
  keys->replace(acme, keys->observe(acme).at(0), guest_key());
  EXPECT_EQ(keys_["worker-0"], known_key) << "a key that the service forgot is enrolled again, not made anew";

  for (auto driver = all.rbegin(); driver != all.rend(); ++driver) {
    (*driver)->remove(acme, (*driver)->observe(acme).at(0).name);
    EXPECT_THAT((*driver)->observe(acme), IsEmpty()) << name_of((*driver)->kind());
  }
  EXPECT_TRUE(std::filesystem::remove(store_)) << "something is left below " << store_;
  EXPECT_FALSE(std::filesystem::exists("/var/lib/libvirt/swtpm/" + uuid_));
  EXPECT_THAT(keys_, IsEmpty());
  undos_.clear();
}

}  // namespace
