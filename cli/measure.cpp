#include "cli/measure.h"

#include <algorithm>

#include "base/error.h"
#include "cli/tenant_plan.h"
#include "provisioner/resources.h"

namespace cli {
namespace {

using base::Json;
using provisioner::GuestIntent;
using provisioner::Intent;

Json guest_json(const GuestIntent& guest) {
  return Json::Object{{"guest", guest.id.text()},
                      {"initdataSha256", guest.initdata_sha256.hex()},
                      {"commandLine", guest.launch ? Json(guest.launch->command_line) : Json()},
                      {"referenceValues", guest.reference_values}};
}

Json tenant_json(const Intent& intent) {
  Json::Array guests;
  for (const GuestIntent& guest : intent.guests) guests.push_back(guest_json(guest));
  return Json::Object{{"schema", "bulkhead.measurement/v1"},
                      {"tenant", intent.tenant.name},
                      {"tee", base::name_of(intent.tee)},
                      {"guests", guests}};
}

void print_tpm(const Json& tpm, Console& console) {
  for (const auto& [bank, registers] : tpm.at("pcrs").object()) {
    for (const auto& [index, value] : registers.object()) {
      console.out << "    " << bank << " PCR " << index << (index.size() == 1 ? "  " : " ") << value.text() << "\n";
    }
  }
}

void print_tdx(const Json& tdx, Console& console) {
  const auto line = [&](const std::string& name, const Json& value) {
    console.out << "    " << name << std::string(12 - name.size(), ' ') << value.text() << "\n";
  };
  line("MRTD", tdx.at("mrtd"));
  line("MRCONFIGID", tdx.at("mrConfigId"));
  const Json::Array& sets = tdx.at("rtmrs").array();
  for (std::size_t index = 0; index < sets.size(); ++index)
    for (const Json& value : sets[index].array())
      line((&value == &sets[index].array().front() ? "RTMR" : "or RTMR") + std::to_string(index), value);
}

void print_guest(const GuestIntent& guest, Console& console) {
  console.out << "  " << guest.id.text() << "  initdata " << guest.initdata_sha256.hex() << "\n";
  if (guest.reference_values.is_null()) console.out << "    (after build)\n";
  if (const Json* tpm = guest.reference_values.find("tpm")) print_tpm(*tpm, console);
  if (const Json* tdx = guest.reference_values.find("tdx")) print_tdx(*tdx, console);
  if (const Json* snp = guest.reference_values.find("snp")) {
    for (const auto& [name, value] : snp->object()) {
      console.out << "    " << name << "  " << (value.is_string() ? value.text() : value.compact()) << "\n";
    }
  }
}

void print_tenant(const Intent& intent, Console& console) {
  console.out << coloured(console, "tenant " + intent.tenant.name, "1") << " (" << base::name_of(intent.tee) << ")\n";
  for (const GuestIntent& guest : intent.guests) print_guest(guest, console);
}

/// What a verifier should accept of any guest of the tenant.
measurement::ReferenceClaims claims_of(const Intent& intent) {
  std::optional<measurement::ReferenceClaims> all;
  for (const GuestIntent& guest : intent.guests) {
    const auto claims = measurement::claims_of(measurement::parse_reference_values(guest.reference_values));
    if (all)
      measurement::add_claims(*all, claims);
    else
      all = claims;
  }
  return all.value_or(measurement::ReferenceClaims{});
}

/// The element of every guest's domain, each under the guest's name.
std::optional<std::string> launch_security(const Intent& intent) {
  if (intent.tee == base::Tee::emulated) return std::nullopt;
  std::string xml;
  for (const GuestIntent& guest : intent.guests)
    xml += "  <!-- " + intent.tenant.name + "/" + guest.id.text() + " -->\n" +
           provisioner::launch_security_xml(launch_security_of(intent, guest), guest.id.text());
  return xml;
}

/// Exit code of one tenant.
int write_tenant(const Intent& intent, const tenants::Tenant& tenant, const OutputOptions& options, Console& console) {
  Output output{[&](Console& to) { print_tenant(intent, to); }, tenant_json(intent), {}, std::nullopt};
  if (intent.resolved()) {
    output.claims = claims_of(intent);
    if (format_of(options) == Format::rvps) output.claims.minimum_tcb = minimum_tcb(tenant);
    output.launch_security = launch_security(intent);
  }
  const Format format = format_of(options);
  if (intent.resolved() || format == Format::text || format == Format::json) write_output(output, options, console);
  return intent.resolved() ? 0 : base::exit_code(base::Kind::failure);
}

}  // namespace

measurement::TcbLevels minimum_tcb(const tenants::Tenant& tenant) {
  const measurement::TcbLevels levels = minimum_tcb(tenant.hardware(base::Pool::control));
  if (minimum_tcb(tenant.hardware(base::Pool::worker)) == levels) return levels;
  throw base::Error(
      base::Kind::usage,
      "--format rvps: minimumTcb differs between the pools, wanted one: Trustee's default policy does not "
      "tell them apart");
}

measurement::TcbLevels minimum_tcb(const tenants::HardwareDemands& demands) {
  std::optional<tenants::MinimumTcb> only;
  for (const auto& family : {demands.milan, demands.genoa, demands.turin}) {
    if (!family) continue;
    if (only)
      throw base::Error(base::Kind::usage,
                        "--format rvps: minimumTcb has levels of several processor families, wanted one: Trustee's "
                        "default policy does not tell them apart");
    only = family;
  }
  if (!only) return {};
  return {only->bootloader, only->tee, only->snp, only->microcode};
}

int measure(const MeasureOptions& options, Console& console) {
  const Format format = format_of(options.output);
  Documents documents = load_documents(options.documents);
  if (!report_findings(documents, console)) return findings_exit_code(documents);
  const tenants::SiteHost& host = choose_host(documents, options.host);
  if (documents.tenants.size() > 1 && (options.output.out || format == Format::corim))
    throw base::Error(base::Kind::usage, "--out and --format corim: got several tenants, wanted one");
  int code = documents.tenants.empty() ? base::exit_code(base::Kind::failure) : 0;
  ImageFiles files(options.qemu);
  for (const tenants::Tenant& tenant : documents.tenants)
    code = std::max(code, write_tenant(tenant_intent(tenant, documents, host, files, RootImage::hash).intent, tenant,
                                       options.output, console));
  if (code != 0) console.err << "not everything can be measured yet: build the image (bulkhead build)\n";
  return code;
}

}  // namespace cli
