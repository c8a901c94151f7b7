#include <algorithm>

#include "tenants/documents.h"
#include "tenants/tenant_forms.h"

namespace tenants {
namespace {

Form<Consent> consent_form() {
  return object<Consent>({optional("emulated", &Consent::emulated, flag_form(),
                                   "Agrees to `tee: emulated`, which proves nothing against the operator."),
                          optional("debug", &Consent::debug, flag_form(), "Agrees to a launch policy with debug."),
                          optional("trustOperatorHost", &Consent::trust_operator_host, flag_form(),
                                   "Agrees to services placed at `operatorHost`.")});
}

Form<Dns> dns_form() {
  return object<Dns>(
      {required("servers", &Dns::servers, list_of(located(ipv4_form()), 1, 4), "Addresses of resolvers.")});
}

Form<TimeSource> time_form() {
  return object<TimeSource>({required("servers", &TimeSource::servers, list_of(located(line_form(253)), 1, 8),
                                      "Names or addresses of time servers.")});
}

Form<Quota> quota_form() {
  return object<Quota>({optional("guests", &Quota::guests, number_form<unsigned>(1, 128), "Guests."),
                        optional("vcpus", &Quota::vcpus, number_form<unsigned>(1, 65536), "Virtual CPUs together."),
                        optional("memory", &Quota::memory, size_form(128), "Memory together."),
                        optional("disk", &Quota::disk, size_form(1), "Volumes together.")});
}

/// Exactly one attestation service when it runs at the operator's, at least one otherwise.
void check_services(const Tenant& tenant, const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
  const AttestationService* first = tenant.attestation();
  if (first == nullptr)
    return diagnostics.error(node.named_at, path + ".owners: expected an owner with an attestation service, got none");
  for (const Owner& owner : tenant.owners) {
    const bool another = owner.attestation && &*owner.attestation != first;
    if (!another) continue;
    if (first->placement.value != Placement::operator_host &&
        owner.attestation->placement.value != Placement::operator_host)
      continue;
    diagnostics.error(owner.attestation->placement.where,
                      path + ".owners: expected exactly one attestation service because one is placed at operatorHost",
                      {{first->placement.where, "the other one"}});
  }
}

void check_tenant(const Tenant& tenant, const Node& node, const std::string& path, base::Diagnostics& diagnostics) {
  check_services(tenant, node, path, diagnostics);
  check_hardware(tenant.launch_policy, tenant.tee.value, path + ".launchPolicy", diagnostics);
  for (const base::Pool pool : {base::Pool::control, base::Pool::worker}) {
    check_hardware(tenant.pool(pool).hardware, tenant.tee.value,
                   path + ".pools." + base::name_of(pool) + ".launchPolicy", diagnostics);
  }
  for (const Owner& owner : tenant.owners) {
    const auto same = [&](const Owner& other) { return other.name.value == owner.name.value; };
    const Owner& first = *std::find_if(tenant.owners.begin(), tenant.owners.end(), same);
    if (&first != &owner) {
      diagnostics.error(owner.name.where, path + ".owners: duplicate owner '" + owner.name.value + "'",
                        {{first.name.where, "first used here"}});
    }
    const unsigned guest_svn = tenant.launch_policy.guest_svn;
    if (tenant.tee.value == base::Tee::snp && guest_svn > 0 && !owner.id_key) {
      diagnostics.error(owner.name.where,
                        path + ".owners: missing key 'idKey', which signs the ID block that carries guestSvn " +
                            std::to_string(guest_svn),
                        {{tenant.tee.where, "snp here"}});
    }
  }
}

Form<Tenant> spec_form() {
  return object<Tenant>(
      {required(
           "tee", &Tenant::tee,
           choice<base::Tee>({{"snp", base::Tee::snp}, {"tdx", base::Tee::tdx}, {"emulated", base::Tee::emulated}}),
           "What protects the guests."),
       optional("consent", &Tenant::consent, consent_form(), "The weaknesses the tenant agrees to, each by name."),
       optional("launchPolicy", &Tenant::launch_policy, launch_policy_form(),
                "What a host must be to launch the guests."),
       required("owners", &Tenant::owners, list_of(owner_form(), 1, 16),
                "Whose signatures and services decide; all must approve."),
       required("image", &Tenant::image, image_form(),
                "What guests boot: `recipe` and `lock`, or every file with its SHA-256."),
       required("pools", &Tenant::pools, pools_form(), "The two node pools."),
       required("networks", &Tenant::networks, networks_form(), "Networks by name."),
       optional("flows", &Tenant::flows, list_of(flow_form(), 0, 256), "What may pass; everything else is dropped."),
       optional("vsockCid", &Tenant::vsock_cid, number_form<std::uint32_t>(3, 4294967000U),
                "The first of 128 vsock context ids."),
       optional("dns", &Tenant::dns, dns_form(), "Resolvers for the guests."),
       optional("time", &Tenant::time, time_form(), "Time servers for the guests."),
       optional("isolation", &Tenant::isolation, isolation_form(), "How far apart from other tenants on a host."),
       optional("quota", &Tenant::quota, quota_form(), "The most the tenant may take.")},
      check_tenant);
}

const Form<Document<Tenant>>& tenant_form() {
  static const Form<Document<Tenant>> form = document_form("Tenant", spec_form(), true);
  return form;
}

}  // namespace

std::optional<Tenant> parse_tenant(const base::SourceFile& file, base::Diagnostics& diagnostics) {
  std::optional<Document<Tenant>> document = read_document(tenant_form(), file, diagnostics);
  if (!document) return std::nullopt;
  document->spec.name = std::move(document->metadata.name);
  return std::move(document->spec);
}

std::optional<std::string> kind_of_document(const base::SourceFile& file) {
  base::Diagnostics unheard;
  const std::optional<Node> root = read_yaml(file, unheard);
  const Node* kind = root ? root->find("kind") : nullptr;
  return kind != nullptr && kind->kind == Node::Kind::scalar ? std::optional(kind->text) : std::nullopt;
}

base::Json tenant_schema() {
  return schema_of(tenant_form(), "Bulkhead tenant");
}

}  // namespace tenants
