#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "attestation/collateral_items.h"

namespace attestation {

/// PEM, leaf first; "" where the service has none.
struct OwnCertificates {
  std::string_view tls, token, guest_ca, tenant_ca, kms_client;
};

/// When each of a service's own certificates ends, the first coming first; kind "serviceCertificate". What cannot be
/// read has no end to tell.
std::vector<CollateralItem> items_of(const OwnCertificates& certificates);

}  // namespace attestation
