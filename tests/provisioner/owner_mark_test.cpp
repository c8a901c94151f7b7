#include "provisioner/owner_mark.h"

#include <gtest/gtest.h>

namespace {

using provisioner::OwnerMark;

const std::string hex_digest = "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20";

TEST(OwnerMark, SaysTenantAndDigestInOneLine) {
  const OwnerMark mark{base::TenantId{"acme"}, *base::Sha256::parse(hex_digest)};
  EXPECT_EQ(mark.text(), "bulkhead/v1 tenant=acme digest=" + hex_digest);
  EXPECT_EQ(OwnerMark::parse(mark.text()), mark);
}

TEST(OwnerMark, OfTheLongestTenantNameFitsAnNftablesComment) {
  const OwnerMark mark{base::TenantId{"a2345678901234567890"}, *base::Sha256::parse(hex_digest)};
  EXPECT_LE(mark.text().size(), 127U);
  EXPECT_TRUE(OwnerMark::parse(mark.text()).has_value());
}

TEST(OwnerMark, IsNotSeenInOtherRemarks) {
  const std::string remarks[] = {
      "",
      "uplink to the lab",
      "bulkhead/v1",
      "bulkhead/v2 tenant=acme digest=" + hex_digest,
      "bulkhead/v1 tenant= digest=" + hex_digest,
      "bulkhead/v1 tenant=Acme digest=" + hex_digest,
      "bulkhead/v1 tenant=acme- digest=" + hex_digest,
      "bulkhead/v1 tenant=1acme digest=" + hex_digest,
      "bulkhead/v1 tenant=a23456789012345678901 digest=" + hex_digest,
      "bulkhead/v1 tenant=acme",
      "bulkhead/v1 tenant=acme digest=",
      "bulkhead/v1 tenant=acme digest=" + hex_digest + "00",
      "bulkhead/v1 tenant=acme digest=" + hex_digest + " ",
      " bulkhead/v1 tenant=acme digest=" + hex_digest,
  };
  for (const std::string& remark : remarks) EXPECT_FALSE(OwnerMark::parse(remark).has_value()) << remark;
}

}  // namespace
