#include "tenants/unsupported.h"

namespace tenants {
namespace {

/// Whether guests can report to the service: guests know addresses only, and one service.
void add_service(const Tenant& tenant, std::vector<Finding>& found) {
  const AttestationService* const service = tenant.attestation();
  for (const Owner& owner : tenant.owners) {
    if (owner.attestation && &*owner.attestation != service)
      found.push_back({"an attestation service of more than one owner", owner.attestation->placement.where});
  }
  if (service == nullptr) return;
  if (service->placement.value == Placement::guest)
    found.push_back({"attestation placement: guest", service->placement.where});
  if (service->placement.value == Placement::owner && !service->url.value.address)
    found.push_back({"DNS name of an attestation service", service->url.where});
}

/// Whether the service beside the router, or the guests, can use the KMS. How a service at the owner's reaches one is
/// hers to arrange.
void add_kms(const Tenant& tenant, std::vector<Finding>& found) {
  const Kms* const kms = tenant.kms();
  for (const Owner& owner : tenant.owners) {
    if (owner.kms && &*owner.kms != kms) found.push_back({"a KMS of more than one owner", owner.kms->provider.where});
  }
  if (kms == nullptr) return;
  const auto refuse = [&](const char* feature) { found.push_back({feature, kms->provider.where}); };
  if (kms->placement.value == Placement::guest) refuse("kms placement: guest");
  if (kms->provider.value == KmsProvider::kmip && !kms->certificate) refuse("kms provider: kmip without certificate");
  if (kms->provider.value == KmsProvider::pkcs11 && !kms->token) refuse("kms provider: pkcs11 without token");
  const bool asked_from_here = tenant.attestation()->placement.value == Placement::operator_host || kms->is_passport();
  if (!kms->url || !asked_from_here) return;
  if (!kms->url->value.address)
    found.push_back({"DNS name of a KMS", kms->url->where});
  else if (tenant.way_to(*kms->url->value.address) == nullptr)
    found.push_back({"a KMS that no uplink leads to", kms->url->where});
}

void add_isolation(const HostIsolation& isolation, std::vector<Finding>& found) {
  if (isolation.dedicated_hosts.value) found.push_back({"isolation hosts: dedicated", isolation.dedicated_hosts.where});
  if (isolation.separate_control_host.value) {
    found.push_back({"isolation control: separate-host", isolation.separate_control_host.where});
  }
  if (isolation.dedicated_cores.value) found.push_back({"isolation cores: dedicated", isolation.dedicated_cores.where});
  if (isolation.cache) found.push_back({"isolation cache", isolation.cache->where});
  if (isolation.confidential_slots)
    found.push_back({"isolation confidentialSlots", isolation.confidential_slots->where});
}

void add_pool(const NodePool& pool, std::vector<Finding>& found) {
  for (const Volume& volume : pool.volumes) {
    if (volume.shared) found.push_back({"shared volumes", volume.name.where});
    if (volume.read_only && !volume.shared) found.push_back({"readOnly volumes", volume.name.where});
  }
  if (pool.bootstrap) found.push_back({"bootstrap files", pool.bootstrap->where});
}

void add_networks(const Tenant& tenant, std::vector<Finding>& found) {
  for (const Network& network : tenant.networks) {
    if (network.uplink && network.uplink->vlan) found.push_back({"uplink vlan", network.uplink->vlan->where});
  }
  for (const Flow& flow : tenant.flows) {
    if (!flow.names.empty()) found.push_back({"DNS names in flows", flow.names.front().where});
    if (flow.icmp) found.push_back({"icmp in flows", flow.where});
  }
  if (tenant.dns) found.push_back({"dns", tenant.dns->where});
  if (tenant.time) found.push_back({"time", tenant.time->where});
  if (tenant.vsock_cid) found.push_back({"vsockCid", tenant.vsock_cid->where});
}

}  // namespace

std::vector<Finding> features_apply_refuses(const Tenant& tenant, const Site& site) {
  std::vector<Finding> found;
  add_service(tenant, found);
  add_kms(tenant, found);
  add_pool(tenant.pools.control, found);
  add_pool(tenant.pools.worker, found);
  add_networks(tenant, found);
  add_isolation(tenant.isolation, found);
  if (tenant.quota) found.push_back({"quota", tenant.quota->where});
  if (site.hosts.size() > 1) found.push_back({"several hosts", site.hosts[1].name.where});
  return found;
}

}  // namespace tenants
