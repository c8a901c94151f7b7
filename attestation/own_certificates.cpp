#include "attestation/own_certificates.h"

#include <algorithm>

#include "base/error.h"
#include "base/x509.h"

namespace attestation {
namespace {

void add(std::vector<CollateralItem>& items, const char* subject, std::string_view pem) {
  if (pem.empty()) return;
  try {
    const auto found = base::parse_x509(base::bytes_of(pem), subject).certificates;
    if (!found.empty()) items.push_back({"serviceCertificate", subject, found.front().not_after()});
  } catch (const base::Error&) {  // whoever needs it will say so
  }
}

}  // namespace

std::vector<CollateralItem> items_of(const OwnCertificates& certificates) {
  std::vector<CollateralItem> items;
  add(items, "TLS", certificates.tls);
  add(items, "token key", certificates.token);
  add(items, "CA of guests", certificates.guest_ca);
  add(items, "tenant's CA", certificates.tenant_ca);
  add(items, "client of the KMS", certificates.kms_client);
  std::ranges::stable_sort(items, {}, [](const CollateralItem& item) { return *item.until; });
  return items;
}

}  // namespace attestation
