#include <algorithm>

#include "provisioner/approval.h"
#include "provisioner/plan.h"

namespace provisioner {
namespace {

/// Wraps text in an ANSI colour when asked to.
class Paint {
 public:
  explicit Paint(Colour colour) : colour_(colour) {}
  [[nodiscard]] std::string operator()(const char* code, const std::string& text) const {
    return colour_ == Colour::on ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
  }

 private:
  Colour colour_;
};

constexpr const char* green = "32";
constexpr const char* yellow = "33";
constexpr const char* red = "31";
constexpr const char* bold = "1";

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

std::string brief(const base::Sha256& digest) {
  return digest.hex().substr(0, 12);
}

std::string row(const char* sign, ResourceKind kind, const std::string& name, const std::string& note) {
  return std::string("  ") + sign + " " + padded(name_of(kind), 13) + padded(name, 44) + " " + note + "\n";
}

std::string change_rows(const Plan& plan, const Paint& paint) {
  std::string out;
  std::size_t unchanged = 0;
  for (const PlannedResource& planned : plan.resources) {
    const Resource& resource = planned.resource;
    if (planned.action == Action::keep) {
      ++unchanged;
    } else if (planned.action == Action::create) {
      out += paint(green, row("+", resource.kind, resource.name, brief(resource.digest())));
    } else {
      const std::string why =
          planned.drift.empty() ? brief(*planned.before) + " -> " + brief(resource.digest()) : planned.drift;
      out += paint(yellow, row("~", resource.kind, resource.name, why));
    }
  }
  for (const Removal& gone : plan.removals) out += paint(red, row("-", gone.kind, gone.name, brief(gone.before)));
  if (unchanged > 0) out += "    " + std::to_string(unchanged) + " unchanged\n";
  return out;
}

/// The value a person compares first: the launch digest, MRTD, or PCR 9, which covers command line and initrd.
std::string measurement_note(const base::Json& values) {
  if (const base::Json* const snp = values.find("snp")) {
    return "launch digest " + snp->at("launchDigest").text().substr(0, 12);
  }
  if (const base::Json* const tdx = values.find("tdx")) return "MRTD " + tdx->at("mrtd").text().substr(0, 12);
  if (const base::Json* const tpm = values.find("tpm")) {
    return "PCR 9 " + tpm->at("pcrs").at("sha256").at("9").text().substr(0, 12);
  }
  return "(after measure)";
}

std::string launch_note(const GuestIntent& guest) {
  if (!guest.launch) return "(after build)";
  const std::string size =
      std::to_string(guest.launch->vcpus) + " vCPU " + std::to_string(guest.launch->memory.count) + " MiB";
  return size + ", " + measurement_note(guest.reference_values);
}

/// What is demanded of the hardware below each pool, where it is anything but the strictest.
std::string hardware_rows(const Intent& intent) {
  std::string out;
  for (const base::Pool pool : {base::Pool::control, base::Pool::worker}) {
    const auto first = std::find_if(intent.guests.begin(), intent.guests.end(),
                                    [&](const GuestIntent& guest) { return guest.id.pool == pool; });
    if (first == intent.guests.end() || first->hardware == attestation::HardwarePolicy{}) continue;
    std::string demands;
    const base::Json json = first->hardware.json();
    for (const auto& [name, value] : json.object())
      demands += (demands.empty() ? "" : ", ") + name + " " + value.compact();
    out += "    " + padded(base::name_of(pool), 12) + demands + "\n";
  }
  return out.empty() ? out : "  hardware\n" + out;
}

/// What a service on the operator's host means for the keys.
const char* weakness_of_hosted_service(const std::optional<KmsIntent>& kms) {
  if (kms && kms->place.model == kms::Model::passport)
    return "  attestation service on the operator's host, whose certificates the KMS takes for guests: the operator "
           "can "
           "make himself one; protects against other tenants only";
  if (kms && kms->placement == "owner")
    return "  attestation service on the operator's host, with a credential of the owner's KMS: the operator can use "
           "it "
           "until the KMS revokes it; protects against other tenants only";
  return "  attestation service and its keys on the operator's host: protects against other tenants only";
}

/// What the placement of the service and the kind of TEE do not protect against.
std::string weaknesses(const Intent& intent, const Paint& paint) {
  std::string out;
  if (intent.tee == base::Tee::emulated) {
    out += paint(red, "  tee emulated: proves nothing against the operator") + "\n";
  }
  if (intent.service.on_host()) out += paint(red, weakness_of_hosted_service(intent.kms)) + "\n";
  return out;
}

/// Where guests report to, when that is not on this host.
std::string service_rows(const Intent& intent) {
  if (intent.service.on_host()) return {};
  return "  attestation service\n    " + intent.service.url() + " (placement " + intent.service.placement +
         "), with the keys; apply places none\n";
}

/// Where the keys are, when that is not the service's own store.
std::string kms_rows(const Intent& intent) {
  if (!intent.kms) return {};
  std::string out = "  kms\n    " + intent.kms->place.text() + " (placement " + intent.kms->placement + ")\n";
  for (const std::string& tenant : intent.kms->shared_with) out += "    its server is shared with " + tenant + "\n";
  return out;
}

std::string guest_rows(const Intent& intent) {
  std::string out;
  for (const GuestIntent& guest : intent.guests) {
    out += "    " + padded(guest.id.text(), 12) + padded(guest.address, 16) + padded(guest.mac, 19) + "initdata " +
           brief(guest.initdata_sha256) + "  " + launch_note(guest) + "\n";
  }
  return out;
}

std::string file_rows(const Intent& intent) {
  std::string out;
  for (const ImageFile& file : intent.files) {
    out += "    " + padded(name_of(file.role), 12) + (file.sha256 ? brief(*file.sha256) : "(after build)") + "\n";
  }
  return out;
}

/// Whom the tenant's service gives which key to.
std::string key_rows(const Intent& intent) {
  std::string out;
  for (const auto& [name, policy] : keys_of(intent)) {
    std::string measurements;
    for (const kms::Measurement& one : policy.measurements)
      measurements += (measurements.empty() ? "" : " or ") + one.substr(0, 12);
    const std::string guest = std::string(base::name_of(policy.pool)) + "/" + std::to_string(*policy.guest);
    out += "    " + padded(name.text(), 34) + "for " + padded(guest, 12) + "measured " + measurements + "\n";
  }
  return out.empty() ? "    (after build)\n" : out;
}

std::string list(const std::vector<std::string>& actions) {
  std::string out;
  for (const std::string& action : actions) out += "    - " + action + "\n";
  return out.empty() ? "    nothing\n" : out;
}

}  // namespace

std::string readable(const Plan& plan, Colour colour) {
  const Paint paint(colour);
  const Intent& intent = plan.intent;
  std::string out = paint(bold, "tenant " + intent.tenant.name) + " (" + base::name_of(intent.tee) + ") on host " +
                    plan.host.name + " (" + plan.host.uri + "), intent " + brief(intent_digest(intent)) +
                    (intent.resolved() ? "" : ", not resolved") + "\n";
  out += weaknesses(intent, paint);
  out += "  guests\n" + guest_rows(intent);
  out += hardware_rows(intent);
  out += service_rows(intent);
  out += kms_rows(intent);
  out += "  keys\n" + key_rows(intent);
  out += "  image files\n" + file_rows(intent);
  out += "  host\n" + change_rows(plan, paint);
  out += "  owners\n" + list(plan.owner_actions);
  out += "  operator\n" + list(plan.operator_actions);
  return out;
}

}  // namespace provisioner
