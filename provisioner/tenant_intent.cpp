#include "provisioner/tenant_intent.h"

#include <algorithm>

#include "base/certificate.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/initdata.h"
#include "provisioner/tenant_flows.h"
#include "provisioner/tenant_hardware.h"
#include "tenants/derived_names.h"

namespace provisioner {
namespace {

using base::Pool;

[[noreturn]] void refuse(const tenants::Tenant& tenant, const std::string& why) {
  throw base::Error(base::Kind::failure, "tenant '" + tenant.name.value + "': " + why);
}

const tenants::Network& network_of(const tenants::Tenant& tenant, Pool pool) {
  const auto& wanted = tenant.pool(pool).network;
  const tenants::Network* network = tenant.network(wanted.value);
  if (network == nullptr) refuse(tenant, "network '" + wanted.value + "' is not among spec.networks");
  return *network;
}

UplinkIntent uplink_of(const tenants::Tenant& tenant, const tenants::SiteHost& host, const tenants::Uplink& uplink) {
  if (!uplink.name || !uplink.address)
    refuse(tenant, "an uplink needs the name of a site's uplink and our address on it");
  const auto found = std::find_if(host.uplinks.begin(), host.uplinks.end(), [&](const tenants::SiteUplink& known) {
    return known.name.value == uplink.name->value;
  });
  if (found == host.uplinks.end()) {
    refuse(tenant, "host '" + host.name.value + "' has no uplink '" + uplink.name->value + "'");
  }
  return {uplink.name->value, found->bridge.value, uplink.address->value.text(),
          uplink.gateway ? uplink.gateway->value.text() : ""};
}

NetworkIntent network_intent(const tenants::Tenant& tenant, const tenants::SiteHost& host, Pool pool) {
  const tenants::Network& network = network_of(tenant, pool);
  const tenants::Cidr& cidr = network.cidr.value;
  NetworkIntent intent{pool, cidr.text(), tenants::Ipv4{cidr.first().value + tenants::gateway_host}.text(),
                       std::nullopt};
  // A VLAN uplink is not built yet; not_built says so.
  if (network.uplink && !network.uplink->vlan) intent.uplink = uplink_of(tenant, host, *network.uplink);
  return intent;
}

ServiceIntent service_intent(const tenants::Tenant& tenant, const IntentSources& sources) {
  const tenants::AttestationService* service = tenant.attestation();
  if (service == nullptr) refuse(tenant, "no owner names an attestation service");
  const tenants::ServiceUrl& url = service->url.value;
  return {tenants::name_of(service->placement.value), url.host, url.port,
          sources.read(tenants::path_beside(service->ca))};
}

/// The digest of the one certificate in a file the tenant names; nullopt when it names none.
std::optional<base::Sha256> fingerprint(const std::optional<tenants::Located<std::string>>& file,
                                        const std::function<std::string(const std::string&)>& read) {
  if (!file) return std::nullopt;
  const std::string path = tenants::path_beside(*file);
  return base::certificate_fingerprint(read(path), path);
}

/// The KMS that the service on the host's router or the guests ask; what another service would do about one is its
/// owner's.
std::optional<KmsIntent> kms_intent(const tenants::Tenant& tenant, const IntentSources& sources) {
  const tenants::Kms* const kms = tenant.kms();
  const bool hosted = tenant.attestation()->placement.value == tenants::Placement::operator_host;
  const bool asked_from_here = hosted || (kms != nullptr && kms->is_passport());
  std::optional<kms::Place> place = asked_from_here ? kms_place(tenant, sources.read) : std::nullopt;
  if (!place) return std::nullopt;
  KmsIntent intent{tenants::name_of(kms->placement.value), std::move(*place), {}};
  for (const auto& other : kms->shared_with) intent.shared_with.push_back(other.value);
  return intent;
}

// Source: AMD 56860 table "Guest Policy": bit 16 SMT allowed, bit 17 always one, bit 19 debug allowed.
std::uint64_t snp_policy(const tenants::Tenant& tenant, Pool pool) {
  const bool smt = tenant.hardware(pool).smt_allowed.value_or(true);
  return (1ULL << 17U) | (smt ? 1ULL << 16U : 0) | (tenant.launch_policy.debug.value ? 1ULL << 19U : 0);
}

measurement::BootFile boot_file(const ResolvedImage& image, FileRole role) {
  const ResolvedFile& file = image.file(role);
  return {ImageFile{role, file.sha256}.stored_name(), *file.sha256};
}

measurement::LaunchConfiguration launch_of(const tenants::Tenant& tenant, const tenants::SiteHost& host,
                                           const tenants::NodePool& pool, const GuestIntent& guest,
                                           const ResolvedImage& image) {
  measurement::LaunchConfiguration launch;
  launch.tee = tenant.tee.value;
  launch.vcpus = pool.vcpus;
  launch.cpu_model = pool.cpu;
  launch.memory = pool.memory;
  launch.machine = host.machine;
  launch.firmware = boot_file(image, FileRole::firmware);
  launch.kernel = boot_file(image, FileRole::kernel);
  launch.initrd = boot_file(image, FileRole::initrd);
  launch.command_line = image.command_line;
  if (launch.tee == base::Tee::emulated) {
    launch.command_line +=
        (launch.command_line.empty() ? "" : " ") + ("bulkhead.initdata=sha256:" + guest.initdata_sha256.hex());
  }
  launch.snp_policy = snp_policy(tenant, guest.id.pool);
  if (launch.tee == base::Tee::snp) launch.vmm = host.vmm;
  if (launch.tee != base::Tee::tdx) return launch;
  if (host.page_order == "two-pass") launch.tdx_page_order = measurement::PageOrder::two_pass;
  if (host.processor_id) launch.processor_id = measurement::processor_id(*host.processor_id);
  return launch;
}

/// The keys to which guests seal what opens their volumes without the service. @throws Error{malformed} for another
/// kind of key than EC P-256
std::vector<std::string> recovery_keys(const tenants::Tenant& tenant, const IntentSources& sources) {
  std::vector<std::string> keys;
  for (const tenants::Owner& owner : tenant.owners) {
    if (!owner.recovery_key) continue;
    const auto key = base::PublicKey::from_pem(sources.read(tenants::path_beside(*owner.recovery_key)),
                                               "recoveryKey of owner '" + owner.name.value + "'");
    static_cast<void>(key.p256_point());
    keys.push_back(key.pem());
  }
  return keys;
}

/// The KMS that the guests ask themselves; nullopt when there is none.
std::optional<base::Initdata::Kms> kms_of_guests(const tenants::Tenant& tenant, const IntentSources& sources) {
  const tenants::Kms* const kms = tenant.kms();
  if (kms == nullptr || !kms->is_passport()) return std::nullopt;
  return base::Initdata::Kms{{kms->url->value.host, kms->url->value.port},
                             sources.read(tenants::path_beside(*kms->ca)),
                             kms->name_space,
                             kms->mount};
}

std::string initdata_of(const GuestIntent& guest, const std::string& gateway, const ServiceIntent& service,
                        std::vector<std::string> recovery, std::optional<base::Initdata::Kms> kms) {
  base::Initdata initdata;
  initdata.guest = guest.id;
  initdata.network = {base::parse_mac(guest.mac, "mac"), base::parse_ipv4(guest.address, "address"),
                      base::parse_ipv4(gateway, "gateway")};
  for (const VolumeIntent& volume : guest.volumes) initdata.volumes.push_back(volume.name);
  if (!guest.volumes.empty()) initdata.recovery = std::move(recovery);
  initdata.attestation = {{service.address, static_cast<std::uint16_t>(service.port)}, service.ca};
  initdata.kms = std::move(kms);
  return base::initdata_toml(initdata);
}

GuestIntent guest_intent(const tenants::Tenant& tenant, const tenants::SiteHost& host, const base::GuestId& id,
                         const Intent& intent, const IntentSources& sources) {
  const ResolvedImage& image = sources.image;
  const tenants::NodePool& pool = tenant.pool(id.pool);
  const tenants::Cidr& cidr = network_of(tenant, id.pool).cidr.value;
  GuestIntent guest;
  guest.id = id;
  guest.uuid = tenants::guest_uuid(id);
  guest.mac = tenants::guest_mac(id);
  const tenants::Ipv4 address = pool.addresses.empty()
                                    ? tenants::Ipv4{cidr.first().value + tenants::first_guest_host + id.index}
                                    : pool.addresses.at(id.index).value;
  if (!cidr.contains(address)) refuse(tenant, "network " + cidr.text() + " has no address for guest " + id.text());
  guest.address = address.text();
  const std::string gateway = tenants::Ipv4{cidr.first().value + tenants::gateway_host}.text();
  for (const tenants::Volume& volume : pool.volumes) guest.volumes.push_back({volume.name.value, volume.size});
  guest.initdata =
      initdata_of(guest, gateway, intent.service, recovery_keys(tenant, sources), kms_of_guests(tenant, sources));
  guest.initdata_sha256 = base::sha256(base::bytes_of(guest.initdata));
  guest.hardware = hardware_policy(tenant, id.pool);
  if (image.built()) guest.launch = launch_of(tenant, host, pool, guest, image);
  return guest;
}

}  // namespace

bool ResolvedImage::built() const noexcept {
  return std::all_of(files.begin(), files.end(), [](const ResolvedFile& file) { return file.sha256.has_value(); });
}

const ResolvedFile& ResolvedImage::file(FileRole role) const {
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const ResolvedFile& file) { return file.role == role; });
  if (found != files.end()) return *found;
  throw base::Error(base::Kind::failure, std::string("the image has no ") + name_of(role));
}

std::optional<kms::Place> kms_place(const tenants::Tenant& tenant,
                                    const std::function<std::string(const std::string&)>& read) {
  const tenants::Kms* const kms = tenant.kms();
  if (kms == nullptr || kms->provider.value == tenants::KmsProvider::embedded) return std::nullopt;
  kms::Place place;
  place.provider = tenants::name_of(kms->provider.value);
  if (kms->url) place.server = kms->url->value.host + ":" + std::to_string(kms->url->value.port);
  place.name_space = kms->name_space;
  place.mount = kms->mount;
  if (kms->token) place.token = kms->token->value;
  place.ca = fingerprint(kms->ca, read);
  place.client = fingerprint(kms->certificate, read);
  if (kms->is_passport()) place.model = kms::Model::passport;
  return place;
}

Intent make_intent(const tenants::Tenant& tenant, const tenants::SiteHost& host, const IntentSources& sources) {
  Intent intent;
  intent.tenant = tenant.id();
  intent.tee = tenant.tee.value;
  for (const tenants::Owner& owner : tenant.owners) {
    intent.owners.push_back({owner.name.value, sources.read(tenants::path_beside(owner.approval_key))});
  }
  for (const ResolvedFile& file : sources.image.files) intent.files.push_back({file.role, file.sha256});
  for (const Pool pool : {Pool::control, Pool::worker}) intent.networks.push_back(network_intent(tenant, host, pool));
  intent.flows = flow_intents(tenant);
  intent.service = service_intent(tenant, sources);
  intent.kms = kms_intent(tenant, sources);
  for (const Pool pool : {Pool::control, Pool::worker}) {
    for (unsigned index = 0; index < tenant.pool(pool).count.value; ++index) {
      intent.guests.push_back(guest_intent(tenant, host, {intent.tenant, pool, index}, intent, sources));
    }
  }
  intent.not_built = sources.not_built;
  return intent;
}

void measure(Intent& intent, const Measure& predict) {
  for (GuestIntent& guest : intent.guests) {
    if (guest.launch) guest.reference_values = predict(guest);
  }
}

}  // namespace provisioner
