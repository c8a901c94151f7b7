#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tenants/located.h"

/// What a site file says (`kind: Site`), as passive data. docs/site-file.md explains each field.
namespace tenants {

/// How a tenant's service is kept running: by systemd, or as a detached child process.
enum class Supervision { systemd, child };

struct SiteUplink {
  Located<std::string> name;
  Located<std::string> bridge;  ///< a bridge the operator made
};

/// User ids a host may give to tenants' services, both ends included.
struct UserIdRange {
  std::uint32_t first = 0, last = 0;
  base::SourcePosition where;
};

struct Storage {
  Located<std::string> path;
};

struct SiteHost {
  Located<std::string> name;
  Located<std::string> uri;  ///< libvirt's: qemu:///system
  std::string machine = "q35";
  std::vector<unsigned> reserved_cpus;  ///< sorted
  Storage storage{.path = {.value = "/var/lib/bulkhead", .where = {}}};
  std::vector<SiteUplink> uplinks;
  UserIdRange service_user_ids{.first = 64000, .last = 64999, .where = {}};
  Supervision supervision = Supervision::systemd;
  std::string vmm = "qemu";                 ///< or "qemu-legacy": how it starts the vCPUs of an SNP guest
  std::string page_order = "single-pass";   ///< or "two-pass": how it adds the pages of a TDX guest
  std::optional<std::string> processor_id;  ///< CPUID.1 EAX and EDX as SMBIOS has them, 16 hexadecimal digits
  std::map<std::string, std::string> labels;
};

struct Site {
  std::string name;
  std::vector<SiteHost> hosts;  ///< at least one
};

}  // namespace tenants
