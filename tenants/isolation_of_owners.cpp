// Rules about names, consent, keys and services.
#include <algorithm>
#include <optional>

#include "base/certificate.h"
#include "base/error.h"
#include "tenants/field_forms.h"
#include "tenants/isolation.h"

namespace tenants {
namespace {

using Findings = base::Diagnostics;

/// The first place where something was seen; reports the second.
struct Seen {
  base::SourcePosition where;
  std::string tenant;
};

std::string whose(const std::string& tenant) {
  return "tenant '" + tenant + "'";
}

void check_name(const Located<std::string>& name, const std::string& field, Findings& findings) {
  if (is_safe_name(name.value)) return;
  findings.error(name.where, field + ": expected a name of a-z, 0-9 and single dashes, got '" + name.value + "'");
}

void check_placement(const Tenant& tenant, const std::string& service, const Located<Placement>& placement,
                     Findings& findings) {
  if (placement.value != Placement::operator_host || tenant.consent.trust_operator_host) return;
  findings.error(placement.where, service +
                                      ".placement: operatorHost protects against other tenants only; expected "
                                      "spec.consent.trustOperatorHost: true");
}

/// What identifies a key or certificate: its fingerprint when its text is known, else its path.
std::string identity(const Located<std::string>& path, bool certificate, const Neighbours& all, Findings& findings) {
  std::string name = path_beside(path);
  const auto text = all.files.find(name);
  if (text == all.files.end()) return name;
  try {
    return certificate ? base::certificate_fingerprint(text->second, name).hex()
                       : base::PublicKey::from_pem(text->second, name).fingerprint().hex();
  } catch (const base::Error& problem) {
    findings.error(path.where, problem.what());
    return name;
  }
}

bool lists(const std::vector<Located<std::string>>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(), [&](const auto& one) { return one.value == name; });
}

/// A certificate authority with the tenant it belongs to and those it is shared with.
struct Authority {
  const Tenant* tenant;
  const Located<std::string>* path;
  const std::vector<Located<std::string>>* shared_with;
  std::string field;
};

std::vector<Authority> authorities(const Neighbours& all) {
  std::vector<Authority> found;
  for (const Tenant& tenant : all.tenants) {
    for (const Owner& owner : tenant.owners) {
      if (owner.attestation)
        found.push_back({&tenant, &owner.attestation->ca, &owner.attestation->shared_with, "attestation.ca"});
      if (owner.kms && owner.kms->ca) found.push_back({&tenant, &*owner.kms->ca, &owner.kms->shared_with, "kms.ca"});
    }
  }
  return found;
}

/// A service somebody reaches over the network.
struct Endpoint {
  const Tenant* tenant;
  const Located<ServiceUrl>* url;
  const std::vector<Located<std::string>>* shared_with;
  const char* what;
  const Kms* kms = nullptr;
  bool on_operator_host = false;
  [[nodiscard]] std::string place() const { return url->value.host + ":" + std::to_string(url->value.port); }
};

std::vector<Endpoint> endpoints(const Neighbours& all) {
  std::vector<Endpoint> found;
  for (const Tenant& tenant : all.tenants) {
    for (const Owner& owner : tenant.owners) {
      if (const auto& service = owner.attestation) {
        const bool hosted = service->placement.value == Placement::operator_host;
        found.push_back({&tenant, &service->url, &service->shared_with, "attestation service", nullptr, hosted});
      }
      if (const auto& kms = owner.kms; kms && kms->url)
        found.push_back({&tenant, &*kms->url, &kms->shared_with, "KMS", &*kms});
    }
  }
  return found;
}

bool both_share(const Endpoint& a, const Endpoint& b) {
  return lists(*a.shared_with, b.tenant->name.value) && lists(*b.shared_with, a.tenant->name.value);
}

/// Why a server could not tell the two tenants apart; nullptr when it can.
const char* same_store(const Kms& one, const Kms& other) {
  if (one.provider.value == KmsProvider::kmip)
    return one.certificate && other.certificate ? nullptr : ", and not both have a client certificate";
  const bool same = one.name_space == other.name_space && one.mount == other.mount;
  return same ? ", with the same namespace and mount" : nullptr;
}

/// Reports endpoint `later` when another tenant has it too, unless both sides agreed and it can be shared.
void check_endpoints(const Endpoint& earlier, const Endpoint& later, Findings& findings) {
  if (earlier.tenant == later.tenant || earlier.place() != later.place()) return;
  const std::string field = later.kms != nullptr ? "kms.url: " : "attestation.url: ";
  const std::string taken =
      field + later.url->value.text + " is already the " + earlier.what + " of " + whose(earlier.tenant->name.value);
  if (earlier.on_operator_host || later.on_operator_host) {
    return findings.error(later.url->where, taken,
                          {{earlier.url->where, "first used here; a service at operatorHost cannot be shared"}});
  }
  if (!both_share(earlier, later)) {
    return findings.error(
        later.url->where, taken,
        {{earlier.url->where, "first used here; separate endpoints, or declare sharedWith on both sides"}});
  }
  const bool two_kms = earlier.kms != nullptr && later.kms != nullptr;
  if (const char* const how = two_kms ? same_store(*earlier.kms, *later.kms) : nullptr) {
    findings.error(later.url->where, taken + how, {{earlier.url->where, "first used here; give each tenant its own"}});
  }
}

/// What a KMS knows a tenant by is of no other tenant, whoever shares what.
void check_credentials(const Neighbours& all, Findings& findings) {
  std::map<std::string, Seen> certificates, tokens;
  const auto check = [&](std::map<std::string, Seen>& seen, const std::string& key, const Tenant& tenant,
                         const Located<std::string>& value, const std::string& field, const char* what) {
    const auto [first, fresh] = seen.try_emplace(key, Seen{value.where, tenant.name.value});
    if (fresh || first->second.tenant == tenant.name.value) return;
    findings.error(value.where,
                   field + ": " + value.value + " is already the " + what + " of " + whose(first->second.tenant),
                   {{first->second.where, "first used here; it cannot be shared"}});
  };
  for (const Tenant& tenant : all.tenants) {
    for (const Owner& owner : tenant.owners) {
      if (!owner.kms) continue;
      if (const auto& path = owner.kms->certificate)
        check(certificates, identity(*path, true, all, findings), tenant, *path, "kms.certificate",
              "client certificate");
      if (const auto& token = owner.kms->token) check(tokens, token->value, tenant, *token, "kms.token", "token");
    }
  }
}

void check_all_endpoints(const Neighbours& all, bool kms, Findings& findings) {
  const std::vector<Endpoint> found = endpoints(all);
  for (std::size_t later = 0; later < found.size(); ++later) {
    for (std::size_t earlier = 0; earlier < later; ++earlier) {
      const bool is_kms = found[later].kms != nullptr && found[earlier].kms != nullptr;
      if (is_kms == kms) check_endpoints(found[earlier], found[later], findings);
    }
  }
}

}  // namespace

void distinct_tenant_names(const Neighbours& all, Findings& findings) {
  std::map<std::string, base::SourcePosition> names;
  for (const Tenant& tenant : all.tenants) {
    const auto [first, fresh] = names.try_emplace(tenant.name.value, tenant.name.where);
    if (!fresh)
      findings.error(tenant.name.where, "metadata.name: another tenant is called '" + tenant.name.value + "'",
                     {{first->second, "first used here"}});
  }
}

void safe_names(const Neighbours& all, Findings& findings) {
  for (const Tenant& tenant : all.tenants) {
    check_name(tenant.name, "metadata.name", findings);
    for (const Network& network : tenant.networks) check_name(network.name, "spec.networks", findings);
    for (const NodePool* pool : {&tenant.pools.control, &tenant.pools.worker}) {
      for (const Volume& volume : pool->volumes) check_name(volume.name, "volumes", findings);
    }
  }
  for (const SiteHost& host : all.site.hosts) check_name(host.name, "spec.hosts", findings);
}

void explicit_consent(const Neighbours& all, Findings& findings) {
  for (const Tenant& tenant : all.tenants) {
    if (tenant.tee.value == base::Tee::emulated && !tenant.consent.emulated) {
      findings.error(tenant.tee.where,
                     "spec.tee: emulated proves nothing against the operator; expected spec.consent.emulated: true");
    }
    const Located<bool>& debug = tenant.launch_policy.debug;
    if (debug.value && !tenant.consent.debug) {
      findings.error(debug.where,
                     "spec.launchPolicy.debug: the operator may read a guest that allows debug; expected "
                     "spec.consent.debug: true");
    }
    for (const Owner& owner : tenant.owners) {
      if (owner.attestation) check_placement(tenant, "attestation", owner.attestation->placement, findings);
      if (owner.kms) check_placement(tenant, "kms", owner.kms->placement, findings);
    }
  }
}

void distinct_keys(const Neighbours& all, Findings& findings) {
  std::map<std::string, Seen> keys;
  const auto check = [&](const Tenant& tenant, const std::string& field, const Located<std::string>& path) {
    const auto [first, fresh] =
        keys.try_emplace(identity(path, false, all, findings), Seen{path.where, tenant.name.value});
    if (fresh) return;
    findings.error(path.where, field + ": " + path.value + " is already a key of " + whose(first->second.tenant),
                   {{first->second.where, "first used here; every owner has keys of its own"}});
  };
  for (const Tenant& tenant : all.tenants) {
    for (const Owner& owner : tenant.owners) {
      check(tenant, "approvalKey", owner.approval_key);
      if (owner.id_key) check(tenant, "idKey", *owner.id_key);
      if (owner.author_key) check(tenant, "authorKey", *owner.author_key);
      if (owner.recovery_key) check(tenant, "recoveryKey", *owner.recovery_key);
    }
  }
}

void distinct_certificate_authorities(const Neighbours& all, Findings& findings) {
  std::map<std::string, Authority> seen;
  for (const Authority& authority : authorities(all)) {
    const auto [first, fresh] = seen.try_emplace(identity(*authority.path, true, all, findings), authority);
    const Authority& other = first->second;
    if (fresh || other.tenant == authority.tenant) continue;
    if (lists(*authority.shared_with, other.tenant->name.value) &&
        lists(*other.shared_with, authority.tenant->name.value))
      continue;
    findings.error(
        authority.path->where,
        authority.field + ": " + authority.path->value + " is already a CA of " + whose(other.tenant->name.value),
        {{other.path->where, "first used here; every tenant has a CA of its own"}});
  }
}

void distinct_attestation_services(const Neighbours& all, Findings& findings) {
  check_all_endpoints(all, false, findings);
}

void embedded_stores_beside_their_service(const Neighbours& all, Findings& findings) {
  for (const Tenant& tenant : all.tenants) {
    const Kms* const kms = tenant.kms();
    const AttestationService* const service = tenant.attestation();
    if (kms == nullptr || service == nullptr || kms->provider.value != KmsProvider::embedded) continue;
    if (kms->placement.value == service->placement.value) continue;
    findings.error(kms->placement.where,
                   std::string("kms.placement: the embedded store is a file of the attestation service; expected ") +
                       name_of(service->placement.value) + ", got " + name_of(kms->placement.value),
                   {{service->placement.where, "the service is here"}});
  }
}

void distinct_kms(const Neighbours& all, Findings& findings) {
  check_all_endpoints(all, true, findings);
  check_credentials(all, findings);
}

}  // namespace tenants
