#pragma once
#include <string>
#include <vector>

#include "attestation/pck_extension.h"

/// Where Intel's provisioning certification service has what a site needs to verify a platform's quotes. Nothing here
/// fetches it.
/// Source: Intel SGX and TDX Provisioning Certification Service API, version 4
namespace attestation {

/// Who issued a platform's PCK certificate.
enum class PckCa : std::uint8_t { processor, platform };
/// @param issuer the certificate's issuer, such as "CN=Intel SGX PCK Platform CA,..". @throws base::Error{malformed}
PckCa pck_ca_of(const std::string& issuer);

struct PcsRequest {
  std::string url;
  std::string issuer_chain;  ///< the header of the answer that has its issuers, as URL-encoded PEM; empty: none has
};
/// TCB info and quoting enclave's identity (TDX), and the revocation lists of the PCK's issuer and of Intel's root.
std::vector<PcsRequest> pcs_requests(const PckExtension& platform, PckCa ca);

}  // namespace attestation
