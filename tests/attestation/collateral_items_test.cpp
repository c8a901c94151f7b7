#include "attestation/collateral_items.h"

#include <gmock/gmock.h>

#include "attestation/examination.h"
#include "tests/attestation/amd_like_pki.h"
#include "tests/attestation/intel_platform.h"
#include "tests/attestation/snp_files.h"

namespace attestation {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> kinds(const std::vector<CollateralItem>& items) {
  std::vector<std::string> all;
  for (const CollateralItem& item : items) all.push_back(item.kind);
  return all;
}

TEST(CollateralItems, AreIntelsDocumentsListsAndCertificatesWithWhatEndsFirstInFront) {
  const intel_platform::Platform platform{intel_platform::Scenario{}};
  const std::vector<CollateralItem> items = items_of({.tdx = platform.collateral()});
  EXPECT_THAT(kinds(items),
              ElementsAre("revocationList", "revocationList", "qeIdentity", "tcbInfo", "certificate", "certificate"));
  EXPECT_EQ(items[0].until, intel_platform::now + 10 * intel_platform::day);
  EXPECT_EQ(items[3],
            (CollateralItem{"tcbInfo", "FMSPC 424242424242", intel_platform::now + 20 * intel_platform::day}));
}

TEST(CollateralItems, AreTheLatestOfSeveralEditions) {
  intel_platform::Scenario older;
  older.next_update = older.lists_until = intel_platform::now - 1;
  VendorCollateral both{.tdx = intel_platform::Platform(older).collateral()};
  EXPECT_EQ(items_of(both).front().until, intel_platform::now - 1);
  const TdxCollateral newer = intel_platform::Platform(intel_platform::Scenario{}).collateral();
  both.tdx.tcb_infos.push_back(newer.tcb_infos.front());
  both.tdx.qe_identities.push_back(newer.qe_identities.front());
  const auto& lists = newer.x509.revocation_lists;
  both.tdx.x509.revocation_lists.insert(both.tdx.x509.revocation_lists.end(), lists.begin(), lists.end());
  EXPECT_EQ(items_of(both).front().until, intel_platform::now + 10 * intel_platform::day);
}

TEST(CollateralItems, CountTheKeysOfProcessorsAsOne) {
  const amd_like::Vendor milan{SnpProduct::milan};
  amd_like::VekRequest request = amd_like::vek_request(SnpProduct::milan);
  VendorCollateral snp;
  snp.snp.certificates = {milan.ask.certificate, make_vek(milan, request).certificate};
  request.not_after = amd_like::now + 60;
  snp.snp.certificates.push_back(make_vek(milan, request).certificate);
  const std::vector<CollateralItem> items = items_of(snp);
  EXPECT_EQ(items.front(), (CollateralItem{"processorKeys", "2 certificates", amd_like::now + 60}));
  EXPECT_EQ(items.size(), 2U);
}

TEST(CollateralItems, AreNoneWithoutFiles) {
  EXPECT_THAT(items_of({}), IsEmpty());
}

}  // namespace
}  // namespace attestation
