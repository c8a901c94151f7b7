#include "tenants/isolation.h"

namespace tenants {

const std::vector<Rule>& isolation_rules() {
  static const std::vector<Rule> rules = {
      {"tenant-names", "has every tenant a name of its own?", distinct_tenant_names},
      {"safe-names", "are all names safe for libvirt, systemd and file systems?", safe_names},
      {"consent", "did the tenant agree to each weakness?", explicit_consent},
      {"keys", "has every owner approval and ID keys of its own?", distinct_keys},
      {"ca", "has every tenant certificate authorities of its own?", distinct_certificate_authorities},
      {"attestation", "has every tenant an attestation service of its own?", distinct_attestation_services},
      {"kms", "has every tenant a KMS of its own?", distinct_kms},
      {"embedded-keys", "is an embedded store where the attestation service is?", embedded_stores_beside_their_service},
      {"service-way", "can guests reach the attestation service at their owner's?", ways_to_services},
      {"kms-way", "can the service at operatorHost, or the guests of the passport model, reach the tenant's KMS?",
       ways_to_kms},
      {"pools", "are control and worker on different networks?", apart_pools},
      {"subnets", "does no subnet overlap another?", disjoint_subnets},
      {"services", "has every service an address outside all networks?", sane_service_addresses},
      {"uplinks", "does every uplink exist, with an address of its own?", distinct_uplink_addresses},
      {"addresses", "does every guest have an address in its subnet?", fitting_addresses},
      {"flows", "can every declared flow pass?", flows_that_can_pass},
      {"volumes", "is no writable volume shared?", no_shared_writable_volume},
      {"derived-names", "are bridges, MACs and UUIDs distinct?", distinct_derived_names},
      {"vsock", "are vsock context ids distinct?", distinct_vsock_cids},
  };
  return rules;
}

void check_isolation(const std::vector<Tenant>& tenants, const Site& site,
                     const std::map<std::string, std::string>& files, base::Diagnostics& diagnostics) {
  for (const Rule& rule : isolation_rules()) rule.check({tenants, site, files}, diagnostics);
}

}  // namespace tenants
