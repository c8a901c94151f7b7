#include "cli/live_tenants.h"

#include "attestation/admin_client.h"
#include "base/error.h"
#include "base/posix_files.h"

namespace cli {

LiveTenants::LiveTenants(const LiveOptions& options) : options_(options), module_(provisioner::load_host_module()) {
  provisioner::HostOptions host_options;
  host_options.uri = options.uri;
  host_options.store = options.store;
  host_options.run = options.run;
  host_ = module_->open_host(std::move(host_options));
}

std::vector<base::TenantId> LiveTenants::tenants() const {
  if (options_.tenants.empty()) return host_->tenants();
  std::vector<base::TenantId> named;
  for (const std::string& name : options_.tenants) named.push_back({name});
  return named;
}

const provisioner::Plan* LiveTenants::plan(const base::TenantId& tenant) {
  if (!plans_.contains(tenant)) {
    const std::string path = options_.plans + "/" + tenant.name + ".plan.json";
    const std::optional<std::string> text = base::read_file_if_any(path);
    plans_[tenant] = text ? std::optional(provisioner::parse_plan(*text, path)) : std::nullopt;
  }
  const std::optional<provisioner::Plan>& found = plans_.at(tenant);
  return found ? &*found : nullptr;
}

std::optional<attestation::ServiceState> LiveTenants::service(const base::TenantId& tenant) const {
  try {
    return attestation::make_admin_client(options_.run + "/" + tenant.name + "/admin.sock")->state();
  } catch (const base::Error& error) {
    if (error.kind() == base::Kind::malformed) throw;
    return std::nullopt;
  }
}

std::vector<provisioner::GuestStanding> LiveTenants::standings(const base::TenantId& tenant) {
  // The host first: a guest that is off by then has had its verdict, if any. The other way round one that is refused
  // and stops in between would be off and have none.
  const std::vector<provisioner::GuestRuntime> on_host = host_->guests(tenant);
  std::vector<provisioner::GuestStanding> guests =
      provisioner::standings(tenant, on_host, service(tenant), plan(tenant));
  const std::set<std::string> fenced = host_->fenced(tenant);
  for (provisioner::GuestStanding& guest : guests) guest.fenced = fenced.contains(guest.guest);
  return guests;
}

}  // namespace cli
