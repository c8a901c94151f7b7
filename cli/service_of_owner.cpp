// What an owner does with an attestation service that she runs herself.
#include <iostream>

#include "attestation/enrolments.h"
#include "base/crypto.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/documents.h"
#include "cli/key_report.h"
#include "cli/service.h"
#include "provisioner/tenant_intent.h"

namespace cli {
namespace {

constexpr std::size_t largest_pem = 1U << 16U;

std::string read_pem(const std::string& path) {
  return base::read_file(path, largest_pem);
}

base::Json configuration_of(const tenants::Tenant& tenant) {
  base::Json::Array keys;
  for (const tenants::Owner& owner : tenant.owners)
    keys.emplace_back(base::PublicKey::from_pem(read_pem(tenants::path_beside(owner.approval_key)),
                                                "approvalKey of owner '" + owner.name.value + "'")
                          .pem());
  base::Json config = base::Json::Object{{"approvalKeys", std::move(keys)},
                                         {"ca", read_pem(tenants::path_beside(tenant.attestation()->ca))}};
  if (const auto place = provisioner::kms_place(tenant, read_pem)) config["kms"] = kms::to_json(*place);
  return config;
}

/// Whether the person at the terminal types the tenant's name.
bool confirmed(const std::string& tenant, Console& console) {
  console.err << "Destroy every key of tenant " << tenant
              << "? What its volumes hold is then lost. Type its name: " << std::flush;
  std::string answer;
  return std::getline(std::cin, answer) && answer == tenant;
}

}  // namespace

int enrol_service(const EnrolServiceOptions& options, Console& console) {
  constexpr std::size_t largest_enrolments = 1U << 20U;
  const auto enrolments =
      attestation::Enrolments::parse(base::read_file(options.enrolments, largest_enrolments), options.enrolments);
  if (enrolments.tenant != options.tenant)
    throw base::Error(base::Kind::failure,
                      options.enrolments + ": is of tenant '" + enrolments.tenant + "', wanted " + options.tenant);
  const auto service = open_service(options.service, options.tenant);
  for (const auto& [guest, key] : enrolments.keys) {
    service->enrol(guest, key);
    console.out << options.tenant << ": " << guest << " is known by key " << base::sha256(key).hex() << "\n";
  }
  console.out << "The operator made these keys: what such guests attest says nothing about the operator.\n";
  return 0;
}

int configure_service(const ConfigureServiceOptions& options, Console& console) {
  Documents documents = load_documents({options.document});
  if (!report_findings(documents, console)) return findings_exit_code(documents);
  if (documents.tenants.size() != 1)
    throw base::Error(base::Kind::usage, options.document + ": wanted a tenant's document");
  const tenants::Tenant& tenant = documents.tenants.front();
  base::write_file_atomically(options.out, configuration_of(tenant).pretty(), 0600);
  console.out << options.out << ": for bulkhead-attestd --tenant " << tenant.name.value << ", which listens at "
              << tenant.attestation()->url.value.text << "\n";
  return 0;
}

int shred_service(const ShredServiceOptions& options, Console& console) {
  if (!options.yes && !console.interactive)
    throw base::Error(base::Kind::usage, "service shred: without a terminal say --yes");
  if (!options.yes && !confirmed(options.tenant, console)) {
    console.out << options.tenant << ": nothing was destroyed\n";
    return base::exit_code(base::Kind::failure);
  }
  const auto service = open_service(options.service, options.tenant);
  if (const std::string whose = service->state().tenant; whose != options.tenant)
    throw base::Error(base::Kind::failure, "this is the service of '" + whose + "', wanted " + options.tenant);
  const attestation::ShreddedKeys shredded = service->shred_keys();
  console.out << shredded_text(options.tenant, shredded.names);
  if (options.statement.empty()) return 0;
  base::write_file_atomically(options.statement, base::bytes_of(shredded.statement + "\n"), 0644);
  console.out << options.statement << ": signed statement, for `bulkhead verify destruction`\n";
  return 0;
}

}  // namespace cli
