#include "cli/kms_policy.h"

#include "attestation/guest_ca.h"
#include "base/certificate.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/documents.h"
#include "kms/passport_setup.h"
#include "tenants/documents.h"

namespace cli {
namespace {

constexpr std::size_t largest_ca = 1U << 20U;

/// The CA of the one service that issues the guests' certificates.
std::string ca_of(const tenants::Tenant& tenant) {
  const tenants::AttestationService* const service = tenant.attestation();
  if (service == nullptr) throw base::Error(base::Kind::failure, "no owner names an attestation service");
  const std::string path = tenants::path_beside(service->ca);
  std::string pem = base::read_file(path, largest_ca);
  static_cast<void>(base::certificate_fingerprint(pem, path));
  return pem;
}

kms::PassportSetup setup_of(const tenants::Tenant& tenant) {
  const tenants::Kms& kms = *tenant.kms();
  kms::PassportSetup setup{tenant.id(), kms.name_space, kms.mount, ca_of(tenant), {}};
  for (const base::Pool pool : {base::Pool::control, base::Pool::worker}) {
    for (unsigned index = 0; index < tenant.pool(pool).count.value; ++index) {
      const base::GuestId guest{tenant.id(), pool, index};
      setup.holders.push_back({guest, attestation::guest_uri(tenant.name.value, guest.text())});
    }
  }
  return setup;
}

}  // namespace

int kms_policy(const KmsPolicyOptions& options, Console& console) {
  Documents documents = load_documents({options.tenant});
  if (!report_findings(documents, console)) return findings_exit_code(documents);
  if (documents.tenants.size() != 1 || documents.tenants[0].kms() == nullptr ||
      !documents.tenants[0].kms()->is_passport())
    throw base::Error(base::Kind::failure,
                      options.tenant + ": wanted a tenant with kms: {provider: openbao, model: passport}");
  const kms::PassportSetup setup = setup_of(documents.tenants[0]);
  console.out << (options.json ? kms::passport_document(setup).pretty() : kms::passport_script(setup));
  return 0;
}

}  // namespace cli
