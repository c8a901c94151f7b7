#include "provisioner/resources.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/error.h"
#include "base/initdata.h"
#include "provisioner/id_blocks.h"
#include "provisioner/names.h"
#include "provisioner/tenant_flows.h"
#include "provisioner/tenant_router.h"
#include "tenants/derived_names.h"

namespace provisioner {
namespace {

using base::Json;

/// Where a tenant's files are on the host.
class Store {
 public:
  Store(const HostFacts& host, const base::TenantId& tenant) : root_(host.store + "/tenants/" + tenant.name) {}
  [[nodiscard]] std::string boot_file(const ImageFile& file) const { return root_ + "/boot/" + file.stored_name(); }
  [[nodiscard]] std::string root_image(const ImageFile& file) const {
    return root_ + "/volumes/" + file.stored_name() + ".img";
  }
  [[nodiscard]] std::string config_disk(const GuestIntent& guest) const {
    return root_ + "/volumes/" + guest_name(guest.id) + "-config-" + guest.initdata_sha256.hex().substr(0, 12) + ".img";
  }
  [[nodiscard]] std::string data_volume(const GuestIntent& guest, const VolumeIntent& volume) const {
    return root_ + "/volumes/" + guest_name(guest.id) + "-data-" + volume.name + ".img";
  }
  [[nodiscard]] std::string console_log(const GuestIntent& guest) const {
    return root_ + "/console/" + guest_name(guest.id) + ".log";
  }

 private:
  std::string root_;
};

std::string plain_address(const std::string& cidr) {
  return cidr.substr(0, cidr.find('/'));
}

Json uplink_body(const base::TenantId& tenant, const NetworkIntent& network) {
  const UplinkIntent& uplink = *network.uplink;
  const std::string interface = uplink_interface(network.pool);
  return Json::Object{{"network", uplink.name},
                      {"bridge", uplink.bridge},
                      {"interface", interface},
                      {"hostLink", tenants::host_link_name(tenant, interface)},
                      {"address", plain_address(uplink.address)},
                      {"gateway", uplink.gateway.empty() ? Json() : Json(uplink.gateway)},
                      {"cidr", uplink.address}};
}

Resource router(const Intent& intent) {
  Json::Array pools, uplinks;
  for (const NetworkIntent& network : intent.networks) {
    const std::string interface = base::name_of(network.pool);
    pools.push_back(Json::Object{{"pool", interface},
                                 {"bridge", tenants::bridge_name(intent.tenant, network.pool)},
                                 {"interface", interface},
                                 {"hostLink", tenants::host_link_name(intent.tenant, interface)},
                                 {"gateway", network.gateway},
                                 {"cidr", network.cidr}});
    if (network.uplink) uplinks.push_back(uplink_body(intent.tenant, network));
  }
  const Json service = intent.service.on_host() ? Json(Json::Object{{"address", intent.service.address}}) : Json();
  return {ResourceKind::router, tenants::router_name(intent.tenant),
          Json::Object{{"service", service}, {"pools", pools}, {"uplinks", uplinks}}};
}

Resource router_filter(const Intent& intent, const HostFacts& host) {
  return {ResourceKind::router_filter, tenants::router_name(intent.tenant),
          Json::Object{{"ruleset", router_ruleset(router_rules(intent, host.user_id))}}};
}

Resource service(const Intent& intent, const HostFacts& host) {
  Json::Array keys;
  for (const OwnerIntent& owner : intent.owners) keys.emplace_back(owner.approval_key);
  Json body = Json::Object{{"userId", static_cast<std::int64_t>(host.user_id)},
                           {"address", intent.service.address},
                           {"port", intent.service.port},
                           {"router", tenants::router_name(intent.tenant)},
                           {"supervision", host.supervision},
                           {"approvalKeys", keys},
                           {"ca", intent.service.ca}};
  if (intent.kms) body["kms"] = kms::to_json(intent.kms->place);
  return {ResourceKind::service, intent.tenant.name, std::move(body)};
}

void add_networks(std::vector<Resource>& all, const Intent& intent, const HostFacts& host) {
  Json::Array bridges;
  for (const NetworkIntent& network : intent.networks)
    bridges.emplace_back(tenants::bridge_name(intent.tenant, network.pool));
  Json::Array ports;
  for (const GuestIntent& guest : intent.guests) {
    ports.emplace_back(
        Json::Object{{"interface", tenants::port_name(guest.id)}, {"mac", guest.mac}, {"address", guest.address}});
  }
  all.push_back({ResourceKind::host_filter, filter_name(intent.tenant), Json::Object{{"bridges", bridges}}});
  all.push_back({ResourceKind::port_filter, filter_name(intent.tenant), Json::Object{{"ports", ports}}});
  for (const NetworkIntent& network : intent.networks) {
    all.push_back({ResourceKind::bridge, tenants::bridge_name(intent.tenant, network.pool),
                   Json::Object{{"pool", base::name_of(network.pool)}}});
  }
  all.push_back(router(intent));
  all.push_back(router_filter(intent, host));
  for (const NetworkIntent& network : intent.networks) {
    all.push_back({ResourceKind::network, tenants::network_name(intent.tenant, network.pool),
                   Json::Object{{"bridge", tenants::bridge_name(intent.tenant, network.pool)}}});
  }
}

const ImageFile* file_of(const Intent& intent, FileRole role) {
  const auto found =
      std::find_if(intent.files.begin(), intent.files.end(), [&](const auto& file) { return file.role == role; });
  return found == intent.files.end() ? nullptr : &*found;
}

Json file_body(const ImageFile& file, const HostFacts& host) {
  return Json::Object{{"source", host.sources.at(file.role)}, {"sha256", file.sha256->hex()}};
}

void add_files(std::vector<Resource>& all, const Intent& intent, const HostFacts& host, const Store& store) {
  for (const ImageFile& file : intent.files) {
    if (file.role == FileRole::root) continue;
    all.push_back({ResourceKind::boot_file, store.boot_file(file), file_body(file, host)});
  }
  if (const ImageFile* root = file_of(intent, FileRole::root)) {
    Json body = file_body(*root, host);
    body["type"] = "rootImage";
    all.push_back({ResourceKind::volume, store.root_image(*root), body});
  }
  for (const GuestIntent& guest : intent.guests) {
    all.push_back({ResourceKind::volume, store.config_disk(guest),
                   Json::Object{{"type", "configDisk"}, {"initdata", guest.initdata}}});
    for (const VolumeIntent& volume : guest.volumes) {
      all.push_back({ResourceKind::volume, store.data_volume(guest, volume),
                     Json::Object{{"type", "data"}, {"sizeMiB", static_cast<std::int64_t>(volume.size.count)}}});
    }
  }
}

base::Buffer host_data(const GuestIntent& guest, base::Tee tee) {
  if (tee == base::Tee::snp) return base::buffer_of(guest.initdata_sha256.view());
  if (tee == base::Tee::tdx) return base::buffer_of(base::sha384(base::bytes_of(guest.initdata)).view());
  return {};
}

/// What the guest's launch is held to; its signature comes from the approval.
std::optional<SnpIdBlock> planned_id_block(const GuestIntent& guest) {
  const auto values = values_with_id_block(guest);
  if (!values) return std::nullopt;
  return SnpIdBlock{id_block_bytes(id_block_of(*values)), {}, values->identity->author_key_digest.has_value()};
}

/// Reports name the keys, so a guest launched with another key's signature must be launched again.
void add_key_digests(Json& body, const GuestIntent& guest) {
  const auto values = values_with_id_block(guest);
  if (!values) return;
  body["idKeyDigest"] = values->identity->id_key_digest.hex();
  if (const auto& author = values->identity->author_key_digest) body["authorKeyDigest"] = author->hex();
}

/// The measured launch configuration with its files where this host has them.
measurement::LaunchConfiguration launch_on(const GuestIntent& guest, const Store& store) {
  measurement::LaunchConfiguration launch = *guest.launch;
  launch.firmware.path = store.boot_file({FileRole::firmware, launch.firmware.sha256});
  launch.kernel.path = store.boot_file({FileRole::kernel, launch.kernel.sha256});
  if (launch.initrd) launch.initrd->path = store.boot_file({FileRole::initrd, launch.initrd->sha256});
  return launch;
}

/// Only a software TPM has a key that must be known beforehand: hardware evidence says itself whose it is.
void add_guest_keys(std::vector<Resource>& all, const Intent& intent) {
  for (const GuestIntent& guest : intent.guests) {
    Json body = Json::Object{{"uuid", guest.uuid}, {"guest", guest.id.text()}};
    if (!intent.service.on_host()) body["enrolment"] = intent.service.placement;
    all.push_back({ResourceKind::guest_key, guest_name(guest.id), std::move(body)});
  }
}

Resource domain(const Intent& intent, const GuestIntent& guest, const HostFacts& host, const Store& store) {
  DomainInputs inputs;
  inputs.launch = launch_on(guest, store);
  inputs.name = tenants::domain_name(guest.id);
  inputs.uuid = guest.uuid;
  inputs.title = intent.tenant.name + " " + guest.id.text();
  inputs.network = tenants::network_name(intent.tenant, guest.id.pool);
  inputs.mac = guest.mac;
  inputs.port = tenants::port_name(guest.id);
  if (const ImageFile* root = file_of(intent, FileRole::root)) {
    inputs.disks.push_back({store.root_image(*root), "bulkhead-root", true});
  }
  inputs.disks.push_back({store.config_disk(guest), "bulkhead-config", true});
  for (const VolumeIntent& volume : guest.volumes) {
    inputs.disks.push_back({store.data_volume(guest, volume), base::volume_serial(volume.name), false});
  }
  inputs.console_log = store.console_log(guest);
  inputs.accelerator = host.accelerator;
  inputs.security = launch_security_of(intent, guest);
  if (!intent.service.on_host()) inputs.owners_service = intent.service.url();
  Json body = Json::Object{{"xml", domain_xml(inputs)}};
  add_key_digests(body, guest);
  return {ResourceKind::domain, inputs.name, std::move(body)};
}

}  // namespace

GuestDevices devices_of(const GuestIntent& guest, bool root_image) {
  return {true, static_cast<unsigned>(guest.volumes.size()) + (root_image ? 2 : 1)};
}

LaunchSecurity launch_security_of(const Intent& intent, const GuestIntent& guest) {
  LaunchSecurity security{.tee = intent.tee, .snp_policy = guest.launch->snp_policy};
  security.host_data = host_data(guest, intent.tee);
  security.id_block = planned_id_block(guest);
  if (intent.tee != base::Tee::tdx) return security;
  security.td_debug = guest.hardware.debug;
  security.quote_socket = quote_service_socket;
  return security;
}

std::vector<Resource> resources_of(const Intent& intent, const HostFacts& host) {
  const Store store(host, intent.tenant);
  std::vector<Resource> all;
  add_networks(all, intent, host);
  if (intent.service.on_host()) all.push_back(service(intent, host));
  const bool launches = std::all_of(intent.guests.begin(), intent.guests.end(),
                                    [](const GuestIntent& guest) { return guest.launch.has_value(); });
  if (!launches) return all;
  if (intent.resolved() && intent.service.on_host()) {
    all.push_back(
        {ResourceKind::approval, intent.tenant.name, Json::Object{{"intentDigest", intent_digest(intent).hex()}}});
  }
  add_files(all, intent, host, store);
  if (intent.tee == base::Tee::emulated) add_guest_keys(all, intent);
  for (const GuestIntent& guest : intent.guests) all.push_back(domain(intent, guest, host, store));
  return all;
}

std::uint32_t choose_user_id(const base::TenantId& tenant, std::uint32_t first, std::uint32_t last,
                             const std::map<base::TenantId, std::uint32_t>& used) {
  const auto own = used.find(tenant);
  if (own != used.end() && own->second >= first && own->second <= last) return own->second;
  for (std::uint32_t candidate = first; candidate <= last; ++candidate) {
    if (std::none_of(used.begin(), used.end(), [&](const auto& entry) { return entry.second == candidate; }))
      return candidate;
  }
  throw base::Error(base::Kind::failure, "no user id is free for the service of tenant '" + tenant.name +
                                             "': the host's " + std::to_string(first) + " to " + std::to_string(last) +
                                             " are all used");
}

}  // namespace provisioner
