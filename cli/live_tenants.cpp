#include "cli/live_tenants.h"

#include "attestation/admin_client.h"
#include "base/error.h"
#include "base/posix_files.h"

namespace cli {
namespace {

/// What the tenant's service says, or nothing when it does not answer.
std::optional<attestation::ServiceState> state_of(const std::string& run, const base::TenantId& tenant) {
  try {
    return attestation::make_admin_client(run + "/" + tenant.name + "/admin.sock")->state();
  } catch (const base::Error& error) {
    if (error.kind() == base::Kind::malformed) throw;
    return std::nullopt;
  }
}

}  // namespace

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

std::vector<attestation::Revocation> LiveTenants::revocations(const base::TenantId& tenant) const {
  const auto state = state_of(options_.run, tenant);
  return state ? state->revocations : std::vector<attestation::Revocation>{};
}

std::vector<provisioner::GuestStanding> LiveTenants::standings(const base::TenantId& tenant) {
  return provisioner::standings(tenant, host_->guests(tenant), state_of(options_.run, tenant), plan(tenant));
}

}  // namespace cli
