#include "attestation/amd_roots.h"

namespace attestation {
namespace {

base::X509Certificate parsed(std::string_view pem) {
  return base::parse_x509(base::bytes_of(pem), "AMD's certificate in this program").certificates.at(0);
}

SnpAnchors made() {
  SnpAnchors anchors;
  for (const AmdCertificates& product : amd_certificates()) {
    anchors.roots.push_back({product.product, parsed(product.ark)});
    anchors.intermediates.push_back(parsed(product.ask));
    anchors.intermediates.push_back(parsed(product.asvk));
  }
  return anchors;
}

}  // namespace

const SnpAnchors& SnpAnchors::amd() {
  static const SnpAnchors anchors = made();
  return anchors;
}

}  // namespace attestation
