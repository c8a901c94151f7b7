#pragma once
#include <string>

#include "base/units.h"

/// What a host's things are called. Every name follows from tenant, pool and index alone, so that the isolation rules
/// can ask for collisions before anything exists. Interface names are `bh` and 11 hexadecimal digits (Linux allows 15).
namespace tenants {

std::string bridge_name(const base::TenantId& tenant, base::Pool pool);  ///< "bh1a2b3c4d5e6"
std::string host_link_name(const base::TenantId& tenant,
                           const std::string& interface);                 ///< host end of a router's veth
std::string port_name(const base::GuestId& guest);                        ///< host end of a guest's network card
std::string router_name(const base::TenantId& tenant);                    ///< network namespace "bh-acme"
std::string network_name(const base::TenantId& tenant, base::Pool pool);  ///< libvirt's "bh-acme-worker"
std::string domain_name(const base::GuestId& guest);                      ///< libvirt's "bh-acme-worker-0"
/// systemd slice "bulkhead-acme.slice"; a dash inside the name is escaped, or `a-b` would live inside the slice of `a`.
std::string slice_name(const base::TenantId& tenant);
/// RFC 9562 version 5 in the namespace of Bulkhead's guests.
std::string guest_uuid(const base::GuestId& guest);
/// 52:54:00 and 24 bits of a digest.
std::string guest_mac(const base::GuestId& guest);

/// The host part of the first guest's address in its subnet, and of the gateway's.
inline constexpr unsigned first_guest_host = 10;
inline constexpr unsigned gateway_host = 1;
/// How many vsock context ids a tenant has: 64 for control, then 64 for worker guests.
inline constexpr unsigned vsock_cids_of_a_tenant = 128;

}  // namespace tenants
