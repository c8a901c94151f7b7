#include "cli/destroy.h"

#include <filesystem>
#include <iostream>

#include "attestation/audit_log.h"
#include "base/error.h"
#include "base/posix_file_lock.h"
#include "base/posix_files.h"
#include "cli/host_lock.h"
#include "cli/key_report.h"
#include "provisioner/apply.h"
#include "provisioner/service_connection.h"

namespace cli {
namespace {

/// Whether the person at the terminal types the tenant's name.
bool confirmed(const base::TenantId& tenant, const provisioner::HostState& now, Console& console) {
  for (const auto& [key, observed] : now) console.err << "  " << name_of(key.first) << " " << key.second << "\n";
  console.err << "Remove all this of tenant " << tenant.name
              << ", the data of its guests included? Type its name: " << std::flush;
  std::string answer;
  return std::getline(std::cin, answer) && answer == tenant.name;
}

/// Proof for who asks later: the service's own words, whose audit log has them too.
void shred_keys(const base::TenantId& tenant, const std::string& run, Console& console) {
  const auto service = provisioner::service_admin_below(run)(tenant);
  if (!service) {
    throw base::Error(base::Kind::host, "tenant " + tenant.name +
                                            "'s service does not answer, so no key was destroyed and nothing removed; "
                                            "apply starts it again, or leave out --shred-keys");
  }
  console.out << shredded_text(tenant.name, service->shred_keys());
}

/// A tenant that has things here and no service: its owner runs that, and has the keys.
std::string keys_elsewhere(const base::TenantId& tenant, const std::vector<provisioner::GuestRuntime>& guests) {
  const std::string url = guests.empty() || guests.front().service.empty() ? "URL" : guests.front().service;
  return tenant.name +
         ": no service of its is on this host, and so no key and no log; an owner who runs it destroys her keys "
         "herself: "
         "bulkhead service shred " +
         tenant.name + " --url " + url + "\n";
}

/// Where the tenant's log is kept; nothing is replaced.
std::string kept_log(const base::TenantId& tenant, const std::string& folder) {
  const std::string path = (std::filesystem::path(folder) / (tenant.name + ".audit.jsonl")).string();
  if (std::filesystem::exists(path) || !std::filesystem::is_directory(folder))
    throw base::Error(base::Kind::failure, path + ": exists, or its directory does not; nothing was removed");
  return path;
}

/// With the line that says which keys were destroyed: the proof that outlives the tenant.
void keep_log(const base::TenantId& tenant, const std::string& store, const std::string& path, Console& console) {
  const std::string log = base::read_file(store + "/tenants/" + tenant.name + "/service/audit.jsonl");
  base::write_new_secret_file(path, base::Secret(base::buffer_of(base::bytes_of(log))));
  console.out << tenant.name << ": audit log kept: " << path << ", head "
              << attestation::check_audit_log(log).head.hex() << "\n";
}

}  // namespace

int destroy(const DestroyOptions& options, Console& console) {
  if (options.live.tenants.empty()) throw base::Error(base::Kind::usage, "destroy: name the tenants");
  if (!options.yes && !console.interactive)
    throw base::Error(base::Kind::usage, "destroy: without a terminal say --yes");
  const LiveTenants live(options.live);
  for (const base::TenantId& tenant : live.tenants()) {
    const provisioner::HostState now = provisioner::observe(live.host(), tenant);
    if (now.empty()) {
      console.out << tenant.name << ": nothing to remove\n";
      continue;
    }
    if (!options.yes && !confirmed(tenant, now, console)) {
      console.out << tenant.name << ": nothing was removed\n";
      return base::exit_code(base::Kind::failure);
    }
    const base::FileLock lock(host_lock(options.live.run), host_lock_holders);
    const bool served_here = now.contains({provisioner::ResourceKind::service, tenant.name});
    if (served_here) {
      const std::string log = options.keep_log.empty() ? "" : kept_log(tenant, options.keep_log);
      if (options.shred_keys) shred_keys(tenant, options.live.run, console);
      if (!log.empty()) keep_log(tenant, options.live.store, log, console);
    } else if (options.shred_keys || !options.keep_log.empty()) {
      console.out << keys_elsewhere(tenant, live.host().guests(tenant));
    }
    const std::size_t removed =
        provisioner::destroy(tenant, live.host(), [&](const std::string& line) { console.err << line << std::endl; });
    console.out << tenant.name << ": " << removed << " removed\n";
  }
  return 0;
}

}  // namespace cli
