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

/// @return what the service signed about it
std::string shred_keys(const base::TenantId& tenant, const std::string& run, Console& console) {
  const auto service = provisioner::service_admin_below(run)(tenant);
  if (!service) {
    throw base::Error(base::Kind::host, "tenant " + tenant.name +
                                            "'s service does not answer, so no key was destroyed and nothing removed; "
                                            "apply starts it again, or leave out --shred-keys");
  }
  const attestation::ShreddedKeys shredded = service->shred_keys();
  console.out << shredded_text(tenant.name, shredded.names);
  return shredded.statement;
}

/// A tenant that has things here and no service: its owner runs that, and has the keys.
std::string keys_elsewhere(const base::TenantId& tenant, const std::vector<provisioner::GuestRuntime>& guests) {
  const std::string url = guests.empty() || guests.front().service.empty() ? "URL" : guests.front().service;
  return tenant.name +
         ": no service of its is on this host, and so no key and no log; an owner who runs it destroys her keys "
         "herself: bulkhead service shred " +
         tenant.name + " --url " + url + "\n";
}

/// Where what outlives the tenant is kept.
struct KeptFiles {
  std::string log, statement;
};

/// Nothing is replaced.
KeptFiles kept_files(const base::TenantId& tenant, const std::string& folder) {
  const std::string start = (std::filesystem::path(folder) / tenant.name).string();
  KeptFiles files{start + ".audit.jsonl", start + ".destruction.jws"};
  for (const std::string& path : {files.log, files.statement}) {
    if (std::filesystem::exists(path) || !std::filesystem::is_directory(folder))
      throw base::Error(base::Kind::failure, path + ": exists, or its directory does not; nothing was removed");
  }
  return files;
}

void keep(const std::string& path, const std::string& text) {
  base::write_new_secret_file(path, base::Secret(base::buffer_of(base::bytes_of(text))));
}

/// With the line that says which keys were destroyed: the proof for who asks later.
void keep_log(const base::TenantId& tenant, const std::string& store, const std::string& path, Console& console) {
  const std::string log = base::read_file(store + "/tenants/" + tenant.name + "/service/audit.jsonl");
  keep(path, log);
  console.out << tenant.name << ": audit log kept: " << path << ", head "
              << attestation::check_audit_log(log).head.hex() << "\n";
}

/// The same signed: it needs nobody who noted the log's head.
void keep_statement(const base::TenantId& tenant, const std::string& statement, const std::string& path,
                    Console& console) {
  keep(path, statement + "\n");
  console.out << tenant.name << ": signed statement kept: " << path << "\n";
}

/// What is wanted of a service before it goes.
void end_service(const base::TenantId& tenant, const DestroyOptions& options, Console& console) {
  const KeptFiles kept = options.keep_log.empty() ? KeptFiles{} : kept_files(tenant, options.keep_log);
  const std::string statement = options.shred_keys ? shred_keys(tenant, options.live.run, console) : "";
  if (kept.log.empty()) return;
  keep_log(tenant, options.live.store, kept.log, console);
  if (!statement.empty()) keep_statement(tenant, statement, kept.statement, console);
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
    if (now.contains({provisioner::ResourceKind::service, tenant.name})) {
      end_service(tenant, options, console);
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
