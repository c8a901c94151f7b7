#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "provisioner/domain_xml.h"
#include "provisioner/intent.h"
#include "provisioner/qemu_arguments.h"
#include "provisioner/resource.h"

namespace provisioner {

/// What of a host the resources of one tenant depend on besides its intent.
struct HostFacts {
  std::string store = "/var/lib/bulkhead";  ///< root of the tenants' stores
  std::uint32_t user_id = 0;                ///< of the tenant's service; see choose_user_id()
  std::string supervision;                  ///< "systemd" or "child"
  Accelerator accelerator = Accelerator::tcg;
  std::map<FileRole, std::string> sources;  ///< where the image's files are on the operator's machine
};

/// Everything one tenant needs on its host, in the order `apply` makes it (docs/architecture.md has the bodies).
/// @pre the intent is resolved as far as launches go; otherwise boot files, volumes made from files and domains are
/// left out, because their names would change
std::vector<Resource> resources_of(const Intent& intent, const HostFacts& host);

/// The devices of the guest's domain, which its ACPI tables show. @param root_image whether the image has one
GuestDevices devices_of(const GuestIntent& guest, bool root_image);

/// How the guest is launched, as its domain says it. @pre the guest has a launch configuration
LaunchSecurity launch_security_of(const Intent& intent, const GuestIntent& guest);

/// The user id a tenant's service gets: the one it has, else the lowest of the range that no other service has.
/// @param used by tenant. @throws Error{failure} when the range is used up
std::uint32_t choose_user_id(const base::TenantId& tenant, std::uint32_t first, std::uint32_t last,
                             const std::map<base::TenantId, std::uint32_t>& used);

}  // namespace provisioner
