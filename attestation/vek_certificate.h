#pragma once
#include "attestation/snp_product.h"
#include "base/x509.h"

namespace attestation {

/// What AMD wrote into the certificate of a key that signs reports: VCEK, one chip's at one TCB, or VLEK, a cloud
/// provider's at one TCB. The facts are worth what the certificate's chain is worth.
struct VekCertificate {
  enum class Kind { vcek, vlek };
  Kind kind = Kind::vcek;
  std::int64_t structure_version = 0;
  std::string product_text;  ///< "Milan-B0"
  SnpProduct product = SnpProduct::milan;
  SnpTcb tcb;
  base::Buffer hardware_id;  ///< of a VCEK: 64 bytes, or 8 on Turin
  std::string provider;      ///< of a VLEK: CSP_ID
};

/// Whether the subject's CN is that of such a key: "SEV-VCEK" or "SEV-VLEK".
std::optional<VekCertificate::Kind> vek_kind(const base::X509Certificate& certificate);

/// Reads the extensions below 1.3.6.1.4.1.3704.1.
/// Source: AMD 57230, "Versioned Chip Endorsement Key (VCEK) Certificate and KDS Interface
/// Specification", section 3.1; chip ids are the bare bytes there, and a DER OCTET STRING in other
/// tools'.
/// @throws base::Error{malformed} naming the extension that is missing or not what it must be
VekCertificate read_vek_certificate(const base::X509Certificate& certificate);

}  // namespace attestation
