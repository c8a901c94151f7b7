#pragma once
#include <span>
#include <vector>

#include "attestation/snp_product.h"
#include "base/x509.h"

namespace attestation {

/// AMD's certificates of one product in PEM: the root (ARK) and the two keys under it that sign VCEKs (ASK) and VLEKs
/// (ASVK). They are public, valid until 2045 and later, and the same for every machine; see
/// docs/decisions/0008-amd-roots-are-in-the-program.md.
struct AmdCertificates {
  SnpProduct product;
  std::string_view ark, ask, asvk;
};
std::span<const AmdCertificates> amd_certificates() noexcept;

/// A root that is trusted for one product's reports, and for no other's.
struct SnpRoot {
  SnpProduct product;
  base::X509Certificate certificate;
};

/// Whom a verifier believes, and what it knows without being told.
struct SnpAnchors {
  std::vector<SnpRoot> roots;
  std::vector<base::X509Certificate> intermediates;
  /// AMD's, parsed once.
  static const SnpAnchors& amd();
};

}  // namespace attestation
