#include <array>
#include <set>

#include "images/guestfs_disk.h"
#include "provisioner/approval_driver.h"
#include "provisioner/guest_key_driver.h"
#include "provisioner/host_module.h"
#include "provisioner/id_blocks.h"
#include "provisioner/iproute2_bridge.h"
#include "provisioner/iproute2_router.h"
#include "provisioner/libvirt_capabilities.h"
#include "provisioner/libvirt_domain.h"
#include "provisioner/libvirt_network.h"
#include "provisioner/nftables_fence.h"
#include "provisioner/nftables_filter.h"
#include "provisioner/service_connection.h"
#include "provisioner/service_driver.h"
#include "provisioner/software_tpm.h"
#include "provisioner/store_files.h"
#include "provisioner/tss2_attestation_key.h"

namespace provisioner {
namespace {

/// The drivers of this machine, whose libvirt is reached at a URI.
class LocalHost final : public Host {
 public:
  explicit LocalHost(HostOptions options) {
    const auto connection = std::make_shared<LibvirtConnection>(options.uri);
    const OpenServiceAdmin services = service_admin_below(options.run);
    auto domains = make_domain_driver(connection, id_authentications(options.approval));
    domains_ = domains.get();
    auto service =
        make_service_driver({options.store, options.run, options.attestd}, std::move(options.service_bundle));
    service_ = service.get();
    keep_marked(make_host_filter_driver());
    keep_marked(make_port_filter_driver());
    keep_marked(make_bridge_driver());
    keep_marked(make_router_driver());
    keep_marked(make_router_filter_driver());
    keep_marked(make_network_driver(connection));
    keep_marked(std::move(service));
    keep(make_approval_driver(std::move(options.approval), services));
    keep_marked(make_boot_file_driver(options.store));
    keep_marked(make_volume_driver(options.store));
    auto guest_keys = make_guest_key_driver("/var/lib/libvirt/swtpm", services, [](const std::string& directory) {
      return make_tpm_state(directory, make_attestation_key);
    });
    guest_keys_ = guest_keys.get();
    keep_marked(std::move(guest_keys));
    keep_marked(std::move(domains));
  }

  ResourceDriver& driver(ResourceKind kind) override { return *drivers_.at(static_cast<std::size_t>(kind)); }

  std::vector<base::TenantId> tenants() override {
    std::set<base::TenantId> found;
    for (MarkedDriver* const driver : marked_) {
      for (const MarkedThing& thing : driver->marked()) found.insert(thing.mark.tenant);
    }
    return {found.begin(), found.end()};
  }

  std::map<base::TenantId, std::uint32_t> service_user_ids() override { return service_->user_ids(); }
  std::vector<GuestRuntime> guests(const base::TenantId& tenant) override { return domains_->guests(tenant); }
  std::map<std::string, base::Buffer> guest_keys(const base::TenantId& tenant) override {
    return guest_keys_->keys(tenant);
  }
  std::set<std::string> fenced(const base::TenantId& tenant) override { return fenced_guests(tenant); }
  void fence(const base::TenantId& tenant, const std::set<std::string>& guests) override { set_fence(tenant, guests); }

 private:
  void keep(std::unique_ptr<ResourceDriver> driver) {
    drivers_.at(static_cast<std::size_t>(driver->kind())) = std::move(driver);
  }
  void keep_marked(std::unique_ptr<MarkedDriver> driver) {
    marked_.push_back(driver.get());
    keep(std::move(driver));
  }

  std::array<std::unique_ptr<ResourceDriver>, resource_kinds> drivers_;
  std::vector<MarkedDriver*> marked_;
  DomainDriver* domains_ = nullptr;
  ServiceDriver* service_ = nullptr;
  GuestKeyDriver* guest_keys_ = nullptr;
};

class Module final : public HostModule {
 public:
  std::unique_ptr<Host> open_host(HostOptions options) override {
    return std::make_unique<LocalHost>(std::move(options));
  }
  std::vector<ProbeFinding> probe(const std::string& uri, base::Tee tee) override {
    return probe_findings("", hypervisor_facts(uri, tee), tee);
  }
  std::unique_ptr<images::GuestDisk> open_guest_disk() override { return images::make_guestfs_disk(); }
};

}  // namespace
}  // namespace provisioner

extern "C" provisioner::HostModule* bulkhead_host_module() {
  return new provisioner::Module();
}
