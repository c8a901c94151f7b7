#include "cli/kms_policy.h"

#include "attestation/guest_ca.h"
#include "base/certificate.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/documents.h"
#include "kms/passport_setup.h"
#include "kms/service_setup.h"
#include "tenants/documents.h"

namespace cli {
namespace {

constexpr std::size_t largest_certificate = 1U << 20U;

std::string read_certificate(const tenants::Located<std::string>& named) {
  const std::string path = tenants::path_beside(named);
  std::string pem = base::read_file(path, largest_certificate);
  static_cast<void>(base::certificate_fingerprint(pem, path));
  return pem;
}

/// The CA of the one service that issues the guests' certificates.
std::string ca_of(const tenants::Tenant& tenant) {
  const tenants::AttestationService* const service = tenant.attestation();
  if (service == nullptr) throw base::Error(base::Kind::failure, "no owner names an attestation service");
  return read_certificate(service->ca);
}

kms::OpenBaoSetup setup_for_guests(const tenants::Tenant& tenant) {
  const tenants::Kms& kms = *tenant.kms();
  kms::PassportSetup setup{tenant.id(), kms.name_space, kms.mount, ca_of(tenant), {}};
  for (const base::Pool pool : {base::Pool::control, base::Pool::worker}) {
    for (unsigned index = 0; index < tenant.pool(pool).count.value; ++index) {
      const base::GuestId guest{tenant.id(), pool, index};
      setup.holders.push_back({guest, attestation::guest_uri(tenant.name.value, guest.text())});
    }
  }
  return kms::openbao_setup(setup);
}

kms::OpenBaoSetup setup_for_service(const tenants::Tenant& tenant) {
  const tenants::Kms& kms = *tenant.kms();
  return kms::openbao_setup(kms::ServiceSetup{tenant.id(), kms.name_space, kms.mount,
                                              kms.certificate ? read_certificate(*kms.certificate) : ""});
}

}  // namespace

int kms_policy(const KmsPolicyOptions& options, Console& console) {
  Documents documents = load_documents({options.tenant});
  if (!report_findings(documents, console)) return findings_exit_code(documents);
  const tenants::Kms* const kms = documents.tenants.size() == 1 ? documents.tenants[0].kms() : nullptr;
  if (kms == nullptr || kms->provider.value != tenants::KmsProvider::openbao)
    throw base::Error(base::Kind::failure, options.tenant + ": wanted a tenant with kms: {provider: openbao}");
  const tenants::Tenant& tenant = documents.tenants[0];
  const kms::OpenBaoSetup setup = kms->is_passport() ? setup_for_guests(tenant) : setup_for_service(tenant);
  console.out << (options.json ? kms::openbao_setup_document(setup).pretty() : kms::openbao_script(setup));
  return 0;
}

}  // namespace cli
