#include "cli/measure.h"

#include "base/error.h"
#include "cli/tenant_plan.h"

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

void print_guest(const GuestIntent& guest, Console& console) {
  console.out << "  " << guest.id.text() << "  initdata " << guest.initdata_sha256.hex() << "\n";
  if (guest.reference_values.is_null()) console.out << "    (after build)\n";
  if (const Json* tpm = guest.reference_values.find("tpm")) print_tpm(*tpm, console);
  if (const Json* snp = guest.reference_values.find("snp")) {
    for (const auto& [name, value] : snp->object()) {
      console.out << "    " << name << "  " << (value.is_string() ? value.text() : value.compact()) << "\n";
    }
  }
}

}  // namespace

int measure(const MeasureOptions& options, Console& console) {
  Documents documents = load_documents(options.documents);
  if (!report_findings(documents, console)) return findings_exit_code(documents);
  const tenants::SiteHost& host = choose_host(documents, options.host);
  bool measured = !documents.tenants.empty();
  for (const tenants::Tenant& tenant : documents.tenants) {
    const Intent intent = tenant_intent(tenant, documents, host, RootImage::hash).intent;
    measured = measured && intent.resolved();
    if (options.json) {
      console.out << tenant_json(intent).pretty();
      continue;
    }
    console.out << coloured(console, "tenant " + intent.tenant.name, "1") << " (" << base::name_of(intent.tee) << ")\n";
    for (const GuestIntent& guest : intent.guests) print_guest(guest, console);
  }
  if (!measured) console.err << "not everything can be measured yet: build the image (bulkhead build)\n";
  return measured ? 0 : base::exit_code(base::Kind::failure);
}

}  // namespace cli
