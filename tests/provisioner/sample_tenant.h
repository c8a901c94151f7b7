#pragma once
#include "provisioner/resources.h"
#include "provisioner/tenant_intent.h"
#include "tests/provisioner/sample_plan.h"

/// A tenant as its documents say it, without reading any.
namespace sample {

inline tenants::Cidr cidr(const char* text) {
  return *tenants::Cidr::parse(text);
}

inline tenants::NodePool pool(const char* network) {
  tenants::NodePool pool;
  pool.count.value = 2;
  pool.cpu = "qemu64";
  pool.memory = {1024};
  pool.network.value = network;
  return pool;
}

inline tenants::FlowEnd pool_end(base::Pool pool) {
  tenants::FlowEnd end;
  end.pool = pool;
  return end;
}

inline tenants::Tenant tenant(const char* name = "acme") {
  tenants::Tenant tenant;
  tenant.name.value = name;
  tenant.tee.value = base::Tee::emulated;
  tenants::Owner owner;
  owner.name.value = "security";
  owner.approval_key.value = "security.pub";
  tenants::AttestationService service;
  service.placement.value = tenants::Placement::operator_host;
  service.url.value = {"https://10.20.255.1:8443", "https", "10.20.255.1", 8443, tenants::Ipv4::parse("10.20.255.1")};
  service.ca.value = "ca.pem";
  owner.attestation = service;
  tenant.owners = {owner};
  tenant.pools.control = pool("acme-control");
  tenant.pools.worker = pool("acme-work");
  tenants::Volume data;
  data.name.value = "data";
  data.size = {64};
  tenant.pools.worker.volumes = {data};
  tenants::Network control, worker;
  control.name.value = "acme-control";
  control.cidr.value = cidr("10.20.0.0/24");
  worker.name.value = "acme-work";
  worker.cidr.value = cidr("10.20.1.0/24");
  tenant.networks = {control, worker};
  tenants::Flow flow;
  flow.from = {pool_end(base::Pool::worker)};
  flow.to = {pool_end(base::Pool::control)};
  flow.tcp = {6443};
  tenant.flows = {flow};
  return tenant;
}

inline tenants::SiteHost site_host() {
  tenants::SiteHost host;
  host.name.value = "local";
  host.uri.value = "qemu:///system";
  return host;
}

inline provisioner::IntentSources sources() {
  using provisioner::FileRole;
  provisioner::IntentSources sources;
  sources.read = [](const std::string& path) {
    return path == "ca.pem" ? "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
                            : owner_key("security").public_key().pem();
  };
  for (const FileRole role : {FileRole::firmware, FileRole::kernel, FileRole::initrd, FileRole::root}) {
    sources.image.files.push_back({role, std::string("/image/") + name_of(role), digest(name_of(role))});
  }
  sources.image.command_line = "console=ttyS0";
  return sources;
}

/// Measured, so that it is resolved.
inline provisioner::Intent whole_intent(const tenants::Tenant& of) {
  provisioner::Intent intent = make_intent(of, site_host(), sources());
  provisioner::measure(intent, [](const provisioner::GuestIntent& guest) {
    return base::Json(base::Json::Object{{"tpm", base::Json::Object{{"of", guest.launch->command_line}}}});
  });
  return intent;
}

inline provisioner::HostFacts host_facts() {
  using provisioner::FileRole;
  provisioner::HostFacts facts;
  facts.user_id = 64000;
  facts.supervision = "child";
  for (const FileRole role : {FileRole::firmware, FileRole::kernel, FileRole::initrd, FileRole::root}) {
    facts.sources[role] = std::string("/image/") + name_of(role);
  }
  return facts;
}

}  // namespace sample
