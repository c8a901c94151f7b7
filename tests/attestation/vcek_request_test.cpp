#include "attestation/vcek_request.h"

#include <gtest/gtest.h>

namespace attestation {
namespace {

// As google/go-sev-guest's kds package builds them.
TEST(VcekRequest, IsWhatAmdsServiceUnderstands) {
  const base::Buffer id(64, 0xab);
  std::string digits;
  for (int i = 0; i < 64; ++i) digits += "ab";
  EXPECT_EQ(vcek_url(SnpProduct::milan, id, {std::nullopt, 3, 0, 20, 209, true}),
            "https://kdsintf.amd.com/vcek/v1/Milan/" + digits + "?blSPL=03&teeSPL=00&snpSPL=20&ucodeSPL=209");
  EXPECT_EQ(
      vcek_url(SnpProduct::turin, id, {1, 2, 3, 4, 5, true}),
      "https://kdsintf.amd.com/vcek/v1/Turin/abababababababab?fmcSPL=01&blSPL=02&teeSPL=03&snpSPL=04&ucodeSPL=05");
  EXPECT_EQ(revocation_list_url(SnpProduct::genoa), "https://kdsintf.amd.com/vcek/v1/Genoa/crl");
}

}  // namespace
}  // namespace attestation
