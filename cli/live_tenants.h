#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "provisioner/guest_standing.h"
#include "provisioner/host_module.h"

namespace CLI {
class App;
}

namespace cli {

/// Tenants on a live host, by name, and where their plans may be found.
struct LiveOptions {
  std::vector<std::string> tenants;
  std::string uri = "qemu:///system";
  std::string store = "/var/lib/bulkhead";
  std::string run = "/run/bulkhead";
  std::string plans = ".";  ///< directory of NAME.plan.json
};
/// The flags of LiveOptions (cli11_live_tenants.cpp).
void add_live_options(CLI::App& verb, LiveOptions& options);

/// A host opened to look at or take down what is there.
class LiveTenants {
 public:
  explicit LiveTenants(const LiveOptions& options);
  [[nodiscard]] provisioner::Host& host() const { return *host_; }
  /// Those named, else all that have a mark on the host.
  [[nodiscard]] std::vector<base::TenantId> tenants() const;
  /// The tenant's plan, when its file is there. @throws Error{malformed} when the file is no plan
  [[nodiscard]] const provisioner::Plan* plan(const base::TenantId& tenant);
  /// Every guest as host and service see it now.
  std::vector<provisioner::GuestStanding> standings(const base::TenantId& tenant);
  /// What the tenant's service says; nullopt when it does not answer.
  [[nodiscard]] std::optional<attestation::ServiceState> service(const base::TenantId& tenant) const;

 private:
  LiveOptions options_;
  std::shared_ptr<provisioner::HostModule> module_;
  std::unique_ptr<provisioner::Host> host_;
  std::map<base::TenantId, std::optional<provisioner::Plan>> plans_;
};

}  // namespace cli
