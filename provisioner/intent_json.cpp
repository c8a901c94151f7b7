#include "base/crypto.h"
#include "base/error.h"
#include "measurement/vmm_profile.h"
#include "provisioner/intent.h"
#include "provisioner/json_fields.h"

namespace provisioner {
namespace {

using base::Json;

Json digest_json(const std::optional<base::Sha256>& digest) {
  return digest ? Json(digest->hex()) : Json();
}

constexpr const char* page_order_names[] = {"single-pass", "two-pass"};

Json version_json(measurement::HypervisorVersion version) {
  if (version == measurement::HypervisorVersion{}) return {};
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

Json processor_id_json(const std::optional<measurement::ProcessorId>& id) {
  return id ? Json(base::hex(*id)) : Json();
}

/// What of the host the measurement depends on.
Json hypervisor_json(const measurement::LaunchConfiguration& launch) {
  return Json::Object{{"vmm", launch.vmm},
                      {"version", version_json(launch.hypervisor)},
                      {"pageOrder", page_order_names[static_cast<unsigned>(launch.tdx_page_order)]},
                      {"processorId", processor_id_json(launch.processor_id)}};
}

Json launch_json(const measurement::LaunchConfiguration& launch) {
  return Json::Object{{"vcpus", launch.vcpus},
                      {"cpuModel", launch.cpu_model},
                      {"memoryMiB", static_cast<std::int64_t>(launch.memory.count)},
                      {"machine", launch.machine},
                      {"firmware", launch.firmware.sha256.hex()},
                      {"kernel", launch.kernel.sha256.hex()},
                      {"initrd", launch.initrd ? Json(launch.initrd->sha256.hex()) : Json()},
                      {"commandLine", launch.command_line},
                      {"snpPolicy", base::hex_number(launch.snp_policy)},
                      {"hypervisor", hypervisor_json(launch)}};
}

Json guest_json(const GuestIntent& guest) {
  Json::Array volumes;
  for (const VolumeIntent& volume : guest.volumes) {
    volumes.push_back(Json::Object{{"name", volume.name}, {"sizeMiB", static_cast<std::int64_t>(volume.size.count)}});
  }
  return Json::Object{{"pool", name_of(guest.id.pool)},
                      {"index", guest.id.index},
                      {"uuid", guest.uuid},
                      {"mac", guest.mac},
                      {"address", guest.address},
                      {"launch", guest.launch ? launch_json(*guest.launch) : Json()},
                      {"initdata", guest.initdata},
                      {"initdataSha256", guest.initdata_sha256.hex()},
                      {"volumes", volumes},
                      {"hardware", guest.hardware.json()},
                      {"referenceValues", guest.reference_values}};
}

Json uplink_json(const std::optional<UplinkIntent>& uplink) {
  if (!uplink) return {};
  return Json::Object{
      {"name", uplink->name}, {"bridge", uplink->bridge}, {"address", uplink->address}, {"gateway", uplink->gateway}};
}

Json flow_end_json(const FlowEndIntent& end) {
  Json::Array cidrs;
  for (const std::string& cidr : end.cidrs) cidrs.emplace_back(cidr);
  return Json::Object{{"interface", end.interface}, {"cidrs", cidrs}};
}

Json ports_json(const std::vector<std::uint16_t>& ports) {
  Json::Array list;
  for (const std::uint16_t port : ports) list.emplace_back(static_cast<int>(port));
  return list;
}

Json flow_json(const FlowIntent& flow) {
  return Json::Object{{"from", flow_end_json(flow.from)},
                      {"to", flow_end_json(flow.to)},
                      {"tcp", ports_json(flow.tcp)},
                      {"udp", ports_json(flow.udp)}};
}

Json service_json(const ServiceIntent& service) {
  return Json::Object{
      {"placement", service.placement}, {"address", service.address}, {"port", service.port}, {"ca", service.ca}};
}

Json kms_json(const std::optional<KmsIntent>& kms) {
  if (!kms) return {};
  Json::Array shared_with;
  for (const std::string& tenant : kms->shared_with) shared_with.emplace_back(tenant);
  return Json::Object{
      {"placement", kms->placement}, {"place", kms::to_json(kms->place)}, {"sharedWith", std::move(shared_with)}};
}

base::Pool pool_at(const JsonFields& fields, std::string_view member) {
  const std::string& word = fields.text(member);
  for (const base::Pool pool : {base::Pool::control, base::Pool::worker}) {
    if (word == base::name_of(pool)) return pool;
  }
  fields.fail(member, "got '" + word + "', wanted control or worker");
}

base::Tee tee_at(const JsonFields& fields) {
  const std::string& word = fields.text("tee");
  for (const base::Tee tee : {base::Tee::snp, base::Tee::tdx, base::Tee::emulated}) {
    if (word == base::name_of(tee)) return tee;
  }
  fields.fail("tee", "got '" + word + "', wanted snp, tdx or emulated");
}

ImageFile image_file(const Json& json, const std::string& where) {
  const JsonFields fields(json, where, {"role", "sha256"});
  for (const FileRole role : {FileRole::firmware, FileRole::kernel, FileRole::initrd, FileRole::root}) {
    if (fields.text("role") == name_of(role)) return {role, fields.digest_or_null("sha256")};
  }
  fields.fail("role", "got '" + fields.text("role") + "', wanted firmware, kernel, initrd or root");
}

NetworkIntent network(const Json& json, const std::string& where) {
  const JsonFields fields(json, where, {"pool", "cidr", "gateway", "uplink"});
  NetworkIntent network{pool_at(fields, "pool"), fields.text("cidr"), fields.text("gateway"), std::nullopt};
  if (!fields.at("uplink").is_null()) {
    const JsonFields uplink(fields.at("uplink"), fields.place("uplink"), {"name", "bridge", "address", "gateway"});
    network.uplink = {uplink.text("name"), uplink.text("bridge"), uplink.text("address"), uplink.text("gateway")};
  }
  return network;
}

ServiceIntent service_at(const JsonFields& intent) {
  const JsonFields fields(intent.at("service"), intent.place("service"), {"placement", "address", "port", "ca"});
  const std::string& placement = fields.text("placement");
  if (placement != "operatorHost" && placement != "owner" && placement != "guest")
    fields.fail("placement", "got '" + placement + "', wanted operatorHost, owner or guest");
  return {placement, fields.text("address"), static_cast<unsigned>(fields.number("port", 1, 65535)), fields.text("ca")};
}

std::optional<KmsIntent> kms_at(const JsonFields& intent) {
  if (intent.at("kms").is_null()) return std::nullopt;
  const JsonFields fields(intent.at("kms"), intent.place("kms"), {"placement", "place", "sharedWith"});
  return KmsIntent{fields.text("placement"), kms::parse_place(fields.at("place"), fields.place("place")),
                   fields.texts("sharedWith")};
}

FlowEndIntent flow_end(const Json& json, const std::string& where) {
  const JsonFields fields(json, where, {"interface", "cidrs"});
  return {fields.text("interface"), fields.texts("cidrs")};
}

std::vector<std::uint16_t> ports_at(const JsonFields& fields, std::string_view member) {
  std::vector<std::uint16_t> ports;
  fields.each(member, [&](const Json& item, const std::string& where) {
    if (!item.is_integer() || item.integer() < 1 || item.integer() > 65535) {
      throw base::Error(base::Kind::malformed, where + ": wanted a port, 1 to 65535");
    }
    ports.push_back(static_cast<std::uint16_t>(item.integer()));
  });
  return ports;
}

FlowIntent flow(const Json& json, const std::string& where) {
  const JsonFields fields(json, where, {"from", "to", "tcp", "udp"});
  return {flow_end(fields.at("from"), fields.place("from")), flow_end(fields.at("to"), fields.place("to")),
          ports_at(fields, "tcp"), ports_at(fields, "udp")};
}

measurement::BootFile boot_file(const JsonFields& fields, FileRole role) {
  const base::Sha256 digest = fields.digest(name_of(role));
  return {ImageFile{role, digest}.stored_name(), digest};
}

std::uint64_t policy_at(const JsonFields& fields) {
  const std::string& text = fields.text("snpPolicy");
  if (text.size() < 3 || text.size() > 18 || !text.starts_with("0x") ||
      text.find_first_not_of("0123456789abcdef", 2) != std::string::npos) {
    fields.fail("snpPolicy", "wanted 0x and hexadecimal digits, got '" + text + "'");
  }
  return std::stoull(text.substr(2), nullptr, 16);
}

void read_hypervisor(const JsonFields& fields, measurement::LaunchConfiguration& launch) {
  launch.vmm = fields.text("vmm");
  if (measurement::find_vmm_profile(launch.vmm) == nullptr) fields.fail("vmm", "got '" + launch.vmm + "'");
  if (!fields.at("version").is_null()) {
    launch.hypervisor = measurement::hypervisor_version(fields.text("version")).value_or(launch.hypervisor);
    if (version_json(launch.hypervisor) != fields.at("version"))
      fields.fail("version", "got '" + fields.text("version") + "', wanted one such as 10.2");
  }
  const std::string& order = fields.text("pageOrder");
  if (order == page_order_names[1])
    launch.tdx_page_order = measurement::PageOrder::two_pass;
  else if (order != page_order_names[0])
    fields.fail("pageOrder", "got '" + order + "', wanted single-pass or two-pass");
  if (fields.at("processorId").is_null()) return;
  launch.processor_id = measurement::processor_id(fields.text("processorId"));
  if (processor_id_json(launch.processor_id) != fields.at("processorId"))
    fields.fail("processorId", "wanted 16 lower-case hexadecimal digits, got '" + fields.text("processorId") + "'");
}

measurement::LaunchConfiguration launch(const Json& json, const std::string& where, base::Tee tee) {
  const JsonFields fields(json, where,
                          {"vcpus", "cpuModel", "memoryMiB", "machine", "firmware", "kernel", "initrd", "commandLine",
                           "snpPolicy", "hypervisor"});
  measurement::LaunchConfiguration launch;
  launch.tee = tee;
  launch.vcpus = static_cast<unsigned>(fields.number("vcpus", 1, 4096));
  launch.cpu_model = fields.text("cpuModel");
  launch.memory = {fields.number("memoryMiB", 1, 1U << 30U)};
  launch.machine = fields.text("machine");
  launch.firmware = boot_file(fields, FileRole::firmware);
  launch.kernel = boot_file(fields, FileRole::kernel);
  if (!fields.at("initrd").is_null()) launch.initrd = boot_file(fields, FileRole::initrd);
  launch.command_line = fields.text("commandLine");
  launch.snp_policy = policy_at(fields);
  read_hypervisor(
      JsonFields(fields.at("hypervisor"), fields.place("hypervisor"), {"vmm", "version", "pageOrder", "processorId"}),
      launch);
  return launch;
}

attestation::HardwarePolicy hardware_at(const JsonFields& fields) {
  try {
    return attestation::HardwarePolicy::parse(fields.at("hardware"));
  } catch (const base::Error& error) {
    fields.fail("hardware", error.what());
  }
}

GuestIntent guest(const Json& json, const std::string& where, const base::TenantId& tenant, base::Tee tee) {
  const JsonFields fields(json, where,
                          {"pool", "index", "uuid", "mac", "address", "launch", "initdata", "initdataSha256", "volumes",
                           "hardware", "referenceValues"});
  GuestIntent guest;
  guest.id = {tenant, pool_at(fields, "pool"), static_cast<unsigned>(fields.number("index", 0, 65535))};
  guest.uuid = fields.text("uuid");
  guest.mac = fields.text("mac");
  guest.address = fields.text("address");
  if (!fields.at("launch").is_null()) guest.launch = launch(fields.at("launch"), fields.place("launch"), tee);
  guest.initdata = fields.text("initdata");
  guest.initdata_sha256 = fields.digest("initdataSha256");
  if (const base::Sha256 got = base::sha256(base::bytes_of(guest.initdata)); got != guest.initdata_sha256) {
    fields.fail("initdataSha256", "the initdata's digest is " + got.hex());
  }
  fields.each("volumes", [&](const Json& item, const std::string& place) {
    const JsonFields volume(item, place, {"name", "sizeMiB"});
    guest.volumes.push_back({volume.text("name"), {volume.number("sizeMiB", 1, 1U << 30U)}});
  });
  guest.hardware = hardware_at(fields);
  guest.reference_values = fields.at("referenceValues");
  if (!guest.reference_values.is_null() && !guest.reference_values.is_object()) {
    fields.fail("referenceValues", "wanted an object or null");
  }
  return guest;
}

}  // namespace

Json intent_json(const Intent& intent) {
  Json::Array owners, files, networks, flows, guests, not_built;
  for (const FlowIntent& flow : intent.flows) flows.push_back(flow_json(flow));
  for (const OwnerIntent& owner : intent.owners) {
    owners.push_back(Json::Object{{"name", owner.name}, {"approvalKey", owner.approval_key}});
  }
  for (const ImageFile& file : intent.files) {
    files.push_back(Json::Object{{"role", name_of(file.role)}, {"sha256", digest_json(file.sha256)}});
  }
  for (const NetworkIntent& net : intent.networks) {
    networks.push_back(Json::Object{{"pool", name_of(net.pool)},
                                    {"cidr", net.cidr},
                                    {"gateway", net.gateway},
                                    {"uplink", uplink_json(net.uplink)}});
  }
  for (const GuestIntent& guest : intent.guests) guests.push_back(guest_json(guest));
  for (const std::string& feature : intent.not_built) not_built.emplace_back(feature);
  return Json::Object{{"tenant", intent.tenant.name},
                      {"tee", name_of(intent.tee)},
                      {"owners", owners},
                      {"files", files},
                      {"networks", networks},
                      {"flows", flows},
                      {"service", service_json(intent.service)},
                      {"kms", kms_json(intent.kms)},
                      {"guests", guests},
                      {"notBuilt", not_built}};
}

Intent parse_intent(const Json& json, std::string_view name) {
  const JsonFields fields(
      json, std::string(name) + ": intent",
      {"tenant", "tee", "owners", "files", "networks", "flows", "service", "kms", "guests", "notBuilt"});
  Intent intent;
  intent.tenant = {fields.text("tenant")};
  intent.tee = tee_at(fields);
  fields.each("owners", [&](const Json& item, const std::string& where) {
    const JsonFields owner(item, where, {"name", "approvalKey"});
    intent.owners.push_back({owner.text("name"), owner.text("approvalKey")});
  });
  fields.each("files",
              [&](const Json& item, const std::string& where) { intent.files.push_back(image_file(item, where)); });
  fields.each("networks",
              [&](const Json& item, const std::string& where) { intent.networks.push_back(network(item, where)); });
  fields.each("flows", [&](const Json& item, const std::string& where) { intent.flows.push_back(flow(item, where)); });
  intent.service = service_at(fields);
  intent.kms = kms_at(fields);
  fields.each("guests", [&](const Json& item, const std::string& where) {
    intent.guests.push_back(guest(item, where, intent.tenant, intent.tee));
  });
  intent.not_built = fields.texts("notBuilt");
  return intent;
}

}  // namespace provisioner
