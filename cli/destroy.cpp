#include "cli/destroy.h"

#include <iostream>

#include "base/error.h"
#include "base/posix_file_lock.h"
#include "cli/host_lock.h"
#include "provisioner/apply.h"

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
    const std::size_t removed =
        provisioner::destroy(tenant, live.host(), [&](const std::string& line) { console.err << line << std::endl; });
    console.out << tenant.name << ": " << removed << " removed\n";
  }
  return 0;
}

}  // namespace cli
