#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tenants/site.h"
#include "tenants/tenant.h"

namespace tenants {

/// Everything a rule may look at. `files`: path as path_beside() gives it -> content of keys and certificates the
/// caller has read; a file that is not there is compared by its path alone.
struct Neighbours {
  const std::vector<Tenant>& tenants;
  const Site& site;
  const std::map<std::string, std::string>& files;
};

/// One question about tenants that shall live beside each other.
struct Rule {
  const char* name;
  const char* question;
  void (*check)(const Neighbours&, base::Diagnostics&);
};

/// The rules in the order they are asked.
const std::vector<Rule>& isolation_rules();

/// Asks every rule; a finding about two places names both.
void check_isolation(const std::vector<Tenant>& tenants, const Site& site,
                     const std::map<std::string, std::string>& files, base::Diagnostics& diagnostics);

// The rules, one function each.
void distinct_tenant_names(const Neighbours&, base::Diagnostics&);
void safe_names(const Neighbours&, base::Diagnostics&);
void explicit_consent(const Neighbours&, base::Diagnostics&);
void distinct_keys(const Neighbours&, base::Diagnostics&);
void distinct_certificate_authorities(const Neighbours&, base::Diagnostics&);
void distinct_attestation_services(const Neighbours&, base::Diagnostics&);
void distinct_kms(const Neighbours&, base::Diagnostics&);
void embedded_stores_beside_their_service(const Neighbours&, base::Diagnostics&);
void ways_to_services(const Neighbours&, base::Diagnostics&);
void ways_to_kms(const Neighbours&, base::Diagnostics&);
void apart_pools(const Neighbours&, base::Diagnostics&);
void disjoint_subnets(const Neighbours&, base::Diagnostics&);
void sane_service_addresses(const Neighbours&, base::Diagnostics&);
void distinct_uplink_addresses(const Neighbours&, base::Diagnostics&);
void fitting_addresses(const Neighbours&, base::Diagnostics&);
void flows_that_can_pass(const Neighbours&, base::Diagnostics&);
void no_shared_writable_volume(const Neighbours&, base::Diagnostics&);
void distinct_derived_names(const Neighbours&, base::Diagnostics&);
void distinct_vsock_cids(const Neighbours&, base::Diagnostics&);

}  // namespace tenants
