#pragma once
#include <string>

#include "base/units.h"

namespace provisioner {

/// Names of a tenant's things on a host. They follow from tenant, pool and index alone; interface names are `bh` and 11
/// hexadecimal digits of a digest, so that none is longer than Linux allows (15).

std::string host_filter_name(const base::TenantId& tenant);              ///< "bh_acme_1a2b3c4d"
std::string bridge_name(const base::TenantId& tenant, base::Pool pool);  ///< "bh1a2b3c4d5e6"
std::string router_name(const base::TenantId& tenant);                   ///< "bh-acme"
std::string host_link_name(const base::TenantId& tenant,
                           const std::string& interface);                 ///< host end of a router's veth
std::string network_name(const base::TenantId& tenant, base::Pool pool);  ///< "bh-acme-worker"
std::string guest_name(const base::GuestId& guest);                       ///< "worker-0"
std::string domain_name(const base::GuestId& guest);                      ///< "bh-acme-worker-0"
/// RFC 9562 version 5 in the namespace of Bulkhead's guests.
std::string guest_uuid(const base::GuestId& guest);
/// 52:54:00 and 24 bits of a digest.
std::string guest_mac(const base::GuestId& guest);

}  // namespace provisioner
