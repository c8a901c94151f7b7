#include "base/pem_certificates.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace {

constexpr const char* two =
    "subject=first\n-----BEGIN CERTIFICATE-----\nAQID\nBAUG\n-----END CERTIFICATE-----\r\n"
    "-----BEGIN CERTIFICATE-----\r\nBwg=\r\n-----END CERTIFICATE-----\n";

TEST(PemCertificates, AreReadInTheirOrderWithWhatStandsBetween) {
  const std::vector<base::Buffer> found = base::certificates_in_pem(two, "chain");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], (base::Buffer{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(found[1], (base::Buffer{7, 8}));
  EXPECT_TRUE(base::certificates_in_pem("", "chain").empty());
}

TEST(PemCertificates, RefusesBlocksThatAreNotOne) {
  for (const char* bad :
       {"-----BEGIN CERTIFICATE-----\nAQID\n", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nA!ID\n-----END CERTIFICATE-----"}) {
    EXPECT_THROW(base::certificates_in_pem(bad, "chain"), base::Error) << bad;
  }
}

}  // namespace
