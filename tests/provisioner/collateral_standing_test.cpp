#include "provisioner/collateral_standing.h"

#include <gmock/gmock.h>

namespace {

using attestation::CollateralItem;
using provisioner::Freshness;
using provisioner::freshness;

const base::TenantId acme{"acme"};
constexpr std::int64_t now = 1'800'000'000, day = 86'400;  // 2027-01-15T08:00:00Z

const std::vector<CollateralItem> collateral{{"revocationList", "CN=A", now - 1},
                                             {"tcbInfo", "FMSPC 42", now + 2 * day + 5},
                                             {"qeIdentity", "TD quoting enclave", now + 7 * day},
                                             {"certificate", "CN=B", std::nullopt}};

TEST(CollateralStanding, WarnsInTheLastWeek) {
  EXPECT_EQ(freshness({"", "", now + 7 * day}, now), Freshness::current);
  EXPECT_EQ(freshness({"", "", now + 7 * day - 1}, now), Freshness::ending);
  EXPECT_EQ(freshness({"", "", now}, now), Freshness::ending) << "both ends count";
  EXPECT_EQ(freshness({"", "", now - 1}, now), Freshness::over);
  EXPECT_EQ(freshness({"", "", std::nullopt}, now), Freshness::current);
}

TEST(CollateralStanding, NamesWhatToRenewAndSinceWhen) {
  EXPECT_EQ(provisioner::collateral_warnings(acme, collateral, now),
            "acme: revocationList CN=A: over since 2027-01-15T07:59:59Z\n"
            "acme: tcbInfo FMSPC 42: until 2027-01-17T08:00:05Z, 2 days left\n");
}

TEST(CollateralStanding, SaysUntilWhenTheRestHolds) {
  EXPECT_EQ(provisioner::collateral_line(acme, collateral, now),
            "acme: vendors' collateral: until 2027-01-22T08:00:00Z, 7 days left (qeIdentity TD quoting enclave)\n");
  EXPECT_EQ(provisioner::collateral_line(acme, {}, now), "");
  EXPECT_EQ(provisioner::collateral_line(acme, {collateral[3]}, now),
            "acme: vendors' collateral: without end (certificate CN=B)\n");
}

TEST(CollateralStanding, WarnsOfAServicesOwnCertificatesAMonthBefore) {
  const std::vector<CollateralItem> own{{"serviceCertificate", "TLS", now - 1},
                                        {"serviceCertificate", "token key", now + 29 * day},
                                        {"serviceCertificate", "CA of guests", now + 30 * day}};
  const provisioner::CertificateWarnings warnings = provisioner::certificate_warnings(acme, own, now);
  EXPECT_EQ(warnings.over, "acme: TLS: over since 2027-01-15T07:59:59Z\n");
  EXPECT_EQ(warnings.ending, "acme: token key: until 2027-02-13T08:00:00Z, 29 days left\n");
}

TEST(CollateralStanding, IsJsonWithDaysLeft) {
  EXPECT_EQ(
      provisioner::collateral_json({collateral[1], collateral[3]}, now).compact(),
      R"([{"daysLeft":2,"kind":"tcbInfo","standing":"ending","subject":"FMSPC 42","until":"2027-01-17T08:00:05Z"},)"
      R"({"daysLeft":null,"kind":"certificate","standing":"current","subject":"CN=B","until":null}])");
}

}  // namespace
