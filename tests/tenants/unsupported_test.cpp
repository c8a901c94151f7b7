#include "tenants/unsupported.h"

#include <gmock/gmock.h>

#include "tests/tenants/example_documents.h"

namespace {

using examples::edited;
using examples::example;
using examples::service_at;
using examples::site;
using examples::tenant;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Unsupported, IsNothingInTheExamplesThatCanBeApplied) {
  for (const char* name : {"acme.yaml", "owner-service.yaml", "passport.yaml"})
    EXPECT_THAT(tenants::features_apply_refuses(tenant(name, example(name)), site()), IsEmpty()) << name;
}

TEST(Unsupported, IsNoTee) {
  tenants::Tenant acme = tenant("acme.yaml", example("acme.yaml"));
  for (const base::Tee tee : {base::Tee::snp, base::Tee::tdx}) {
    acme.tee.value = tee;
    EXPECT_THAT(tenants::features_apply_refuses(acme, site()), IsEmpty());
  }
}

TEST(Unsupported, NamesEachFeatureOfTheSnpExample) {
  std::vector<std::string> names;
  for (const tenants::Finding& finding :
       tenants::features_apply_refuses(tenant("snp.yaml", example("snp.yaml")), site())) {
    EXPECT_GT(finding.where.line, 0U) << finding.feature;
    names.push_back(finding.feature);
  }
  EXPECT_THAT(names, ElementsAre("DNS name of an attestation service", "bootstrap files", "bootstrap files",
                                 "uplink vlan", "uplink vlan", "DNS names in flows", "isolation control: separate-host",
                                 "isolation cores: dedicated", "isolation cache", "isolation confidentialSlots"));
}

/// acme with a KMS, beside its attestation service at operatorHost.
tenants::Tenant acme_with(const std::string& kms) {
  return tenant("acme.yaml",
                edited(example("acme.yaml"), {{"      attestation", "      kms: {" + kms + "}\n      attestation"}}));
}

TEST(Unsupported, IsNoKmsThatTheServiceAtOperatorHostCanUse) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"placement: owner, provider: openbao, url: \"https://192.168.7.9:8200\", ca: k.pem, namespace: acme", {}},
      {"placement: operatorHost, provider: openbao, url: \"https://192.168.7.9:8200\", ca: k.pem", {}},
      {"placement: owner, provider: kmip, url: \"kmip://192.168.7.9:5696\", ca: k.pem, certificate: c.pem", {}},
      {"placement: owner, provider: pkcs11, token: acme", {}},
      {"placement: operatorHost, provider: embedded", {}},
      {"placement: owner, provider: kmip, url: \"kmip://192.168.7.9:5696\", ca: k.pem",
       {"kms provider: kmip without certificate"}},
      {"placement: owner, provider: pkcs11", {"kms provider: pkcs11 without token"}},
      {"placement: guest, provider: openbao, url: \"https://bao.example:8200\", ca: k.pem",
       {"kms placement: guest", "DNS name of a KMS"}}};
  for (const auto& [kms, wanted] : cases) {
    std::vector<std::string> names;
    for (const tenants::Finding& finding : tenants::features_apply_refuses(acme_with(kms), site()))
      names.push_back(finding.feature);
    EXPECT_EQ(names, wanted) << kms;
  }
}

TEST(Unsupported, NamesAReadOnlyVolumeWhichWouldBeMadeWritable) {
  std::string text = example("acme.yaml");
  const std::string volume = "name: data, size: 1GiB";
  const std::size_t at = text.find(volume);
  ASSERT_NE(at, std::string::npos);
  text.insert(at + volume.size(), ", readOnly: true");
  const auto found = tenants::features_apply_refuses(tenant("acme.yaml", text), site());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().feature, "readOnly volumes");
}

TEST(Unsupported, IsNoServiceAtTheOwnersWithAnAddressNorItsKms) {
  std::vector<std::pair<std::string, std::string>> edits = service_at("192.168.7.9");
  edits.push_back({"      attestation",
                   "      kms: {placement: owner, provider: openbao, url: \"https://bao.example:8200\", ca: k.pem}\n"
                   "      attestation"});
  EXPECT_THAT(tenants::features_apply_refuses(tenant("acme.yaml", edited(example("acme.yaml"), edits)), site()),
              IsEmpty());
}

TEST(Unsupported, IsASecondService) {
  std::vector<std::pair<std::string, std::string>> edits = service_at("192.168.7.9");
  edits.push_back({"  image:",
                   "    - {name: other, approvalKey: other.pub, attestation: {placement: owner, url: "
                   "\"https://192.168.7.8:8443\", ca: other.pem}}\n  image:"});
  const auto found = tenants::features_apply_refuses(tenant("acme.yaml", edited(example("acme.yaml"), edits)), site());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].feature, "an attestation service of more than one owner");
}

}  // namespace
