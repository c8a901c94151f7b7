#include "attestation/pcs_request.h"

#include "base/encoding.h"
#include "base/error.h"

namespace attestation {
namespace {

constexpr const char* service = "https://api.trustedservices.intel.com/";
/// The distribution point that Intel's root certificate names.
constexpr const char* root_revocation_list = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

}  // namespace

PckCa pck_ca_of(const std::string& issuer) {
  if (issuer.find("CN=Intel SGX PCK Platform CA") != std::string::npos) return PckCa::platform;
  if (issuer.find("CN=Intel SGX PCK Processor CA") != std::string::npos) return PckCa::processor;
  throw base::Error(base::Kind::malformed, "PCK certificate: issued by '" + issuer +
                                               "', wanted Intel SGX PCK Platform CA or Intel SGX PCK Processor CA");
}

std::vector<PcsRequest> pcs_requests(const PckExtension& platform, PckCa ca) {
  const std::string tdx = std::string(service) + "tdx/certification/v4/";
  const std::string issuer = ca == PckCa::platform ? "platform" : "processor";
  return {
      {tdx + "tcb?fmspc=" + base::hex(platform.fmspc), "TCB-Info-Issuer-Chain"},
      {tdx + "qe/identity", "SGX-Enclave-Identity-Issuer-Chain"},
      {std::string(service) + "sgx/certification/v4/pckcrl?ca=" + issuer + "&encoding=der", "SGX-PCK-CRL-Issuer-Chain"},
      {root_revocation_list, ""}};
}

}  // namespace attestation
