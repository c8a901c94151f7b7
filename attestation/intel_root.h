#pragma once
#include "base/x509.h"

namespace attestation {

/// The "Intel SGX Root CA", under which everything is that Intel says of SGX and TDX. Its DER has the SHA-256
/// 44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3.
/// Source: Intel, certificates.trustedservices.intel.com/Intel_SGX_Provisioning_Certification_RootCA.cer
const base::X509Certificate& intel_sgx_root();

}  // namespace attestation
