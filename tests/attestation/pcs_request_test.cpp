#include "attestation/pcs_request.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace attestation {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(PcsRequests, AskForTdxDocumentsByFmspcAndForTheIssuersList) {
  PckExtension platform;
  platform.fmspc = {0x90, 0xc0, 0x6f, 0, 0, 0};
  const auto requests = pcs_requests(platform, PckCa::processor);
  ASSERT_EQ(requests.size(), 4U);
  EXPECT_EQ(requests[0].url, "https://api.trustedservices.intel.com/tdx/certification/v4/tcb?fmspc=90c06f000000");
  EXPECT_EQ(requests[0].issuer_chain, "TCB-Info-Issuer-Chain");
  EXPECT_EQ(requests[1].url, "https://api.trustedservices.intel.com/tdx/certification/v4/qe/identity");
  EXPECT_EQ(requests[2].url,
            "https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=processor&encoding=der");
  EXPECT_EQ(requests[3].url, "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der");
  EXPECT_EQ(requests[3].issuer_chain, "");
  EXPECT_THAT(pcs_requests(platform, PckCa::platform)[2].url, HasSubstr("?ca=platform&"));
}

TEST(PcsRequests, TellThePckIssuersApart) {
  EXPECT_EQ(pck_ca_of("CN=Intel SGX PCK Platform CA,O=Intel Corporation"), PckCa::platform);
  EXPECT_EQ(pck_ca_of("C=US,CN=Intel SGX PCK Processor CA"), PckCa::processor);
  EXPECT_THAT([] { pck_ca_of("CN=Intel SGX Root CA"); }, ThrowsMessage<base::Error>(HasSubstr("CN=Intel SGX Root CA")));
}

}  // namespace
}  // namespace attestation
