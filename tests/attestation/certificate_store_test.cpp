#include "attestation/certificate_store.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/attestation/amd_like_pki.h"
#include "tests/attestation/snp_files.h"

namespace attestation {
namespace {

using amd_like::now;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::ThrowsMessage;

const StoreAnchors amd_and_intel;

std::vector<std::string> paths(const std::vector<StoredFile>& files) {
  std::vector<std::string> all;
  for (const StoredFile& file : files) all.push_back(file.path);
  return all;
}

TEST(CertificateStore, NamesAVcekAsTrusteesOfflineStoreDoes) {
  const auto milan = snp_files::recorded_certificate("gosev-vcek.pem");
  EXPECT_THAT(
      paths(stored_files(milan.der(), "vcek.der", amd_and_intel)),
      ElementsAre("vcek/3ac3fe21e13fb0990eb28a802e3fb6a29483a6b0753590c951bdd3b8e53786184ca39e359669a2b76a193677"
                  "6b564ea464cdce40c05f63c9b610c5068b006b5d/bl02_tee00_snp05_ucode68_vcek.der"));
  const auto turin = snp_files::recorded_certificate("virtee-turin-vcek.pem");
  EXPECT_THAT(paths(stored_files(turin.der(), "vcek.der", amd_and_intel)),
              ElementsAre("vcek/1e550a8ee5cf9f4d/bl00_tee00_snp00_ucode09_fmc00_vcek.der"));
}

TEST(CertificateStore, KeepsAVlekWithItsValidity) {
  const auto vlek = snp_files::recorded_certificate("milan-vlek.pem");
  const auto files = stored_files(vlek.der(), "vlek.der", amd_and_intel);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].kind, "vlek");
  EXPECT_THAT(files[0].path, StartsWith("vlek/bl04_tee00_snp24_ucode217_"));
  EXPECT_THAT(files[0].subject, HasSubstr("CN=cc-us-east-2.amazonaws.com"));
  EXPECT_EQ(files[0].until, vlek.not_after());
  EXPECT_TRUE(std::ranges::equal(files[0].content, vlek.der()));
}

TEST(CertificateStore, LeavesOutWhatIsInTheProgram) {
  for (const AmdCertificates& product : amd_certificates())
    EXPECT_THAT(
        stored_files(base::bytes_of(std::string(product.ask) + std::string(product.ark)), "cert_chain", amd_and_intel),
        IsEmpty());
}

struct OurVendor {
  amd_like::Vendor milan{SnpProduct::milan};
  StoreAnchors anchors{&milan.anchors, &intel_sgx_root()};
};

TEST(CertificateStore, KeepsListsOfWhoMayIssueThem) {
  const OurVendor ours;
  const auto list = revoke({now, now + 60, {1, 2}}, ours.milan.ark, ours.milan.ark);
  const auto files = stored_files(list.der(), "crl", ours.anchors);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].kind, "amdRevocationList");
  EXPECT_EQ(files[0].from, now);
  EXPECT_EQ(files[0].until, now + 60);
  EXPECT_THAT(files[0].subject, HasSubstr("CN=ARK-Milan, 2 revoked"));
}

TEST(CertificateStore, RefusesWhatNoVendorSigned) {
  const OurVendor ours;
  const auto vcek = make_vek(ours.milan, amd_like::vek_request(SnpProduct::milan));
  EXPECT_THAT([&] { stored_files(vcek.certificate.der(), "f.der", amd_and_intel); },
              ThrowsMessage<base::Error>(HasSubstr("f.der: neither AMD's nor Intel's: CN=SEV-VCEK")));
  const auto list = revoke({now, now + 60, {}}, ours.milan.ark, ours.milan.ask);
  EXPECT_THAT([&] { stored_files(list.der(), "f.crl", ours.anchors); },
              ThrowsMessage<base::Error>(HasSubstr("f.crl: the revocation list of CN=ARK-Milan is signed by nobody")));
  EXPECT_THROW(stored_files(base::bytes_of("nonsense"), "f", amd_and_intel), base::Error);
}

TEST(CertificateStore, KeepsWhatHasExpired) {
  const OurVendor ours;
  amd_like::VekRequest request = amd_like::vek_request(SnpProduct::milan);
  request.not_before = now - 2 * amd_like::day;
  request.not_after = now - amd_like::day - 1;
  EXPECT_EQ(stored_files(make_vek(ours.milan, request).certificate.der(), "old", ours.anchors).size(), 1U);
}

TEST(CertificateStore, SortsIntelsFiles) {
  const base::Buffer chain = snp_files::vector("attest/tdx/collateral/automata_pck_certchain.pem");
  if (chain.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  for (const StoredFile& file : stored_files(chain, "chain", amd_and_intel)) EXPECT_EQ(file.kind, "intelCertificate");
  const base::Buffer info = snp_files::vector("attest/tdx/collateral/automata_tcbinfov3_00806f050000.json");
  const auto files = stored_files(info, "tcb info", amd_and_intel);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].kind, "tdxDocuments");
  EXPECT_THAT(files[0].subject, HasSubstr("00806f050000"));
  EXPECT_EQ(files[0].content, info);
  const auto lists =
      stored_files(snp_files::vector("attest/tdx/collateral/attrs_root_ca_crl.der"), "crl", amd_and_intel);
  ASSERT_EQ(lists.size(), 1U);
  EXPECT_EQ(lists[0].kind, "intelRevocationList");
}

TEST(CertificateStore, FindsAChipsFolderFromItsReport) {
  base::Buffer id(64);
  for (std::size_t i = 0; i < 8; ++i) id[i] = static_cast<std::uint8_t>(i + 1);
  EXPECT_EQ(vcek_folder(id), "vcek/0102030405060708");
  id[63] = 0xff;
  EXPECT_EQ(vcek_folder(id), "vcek/0102030405060708" + std::string(110, '0') + "ff");
}

}  // namespace
}  // namespace attestation
