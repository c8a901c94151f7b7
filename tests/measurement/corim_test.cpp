#include "measurement/corim.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/measurement/test_files.h"

namespace measurement {
namespace {

using base::Cbor;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

base::Buffer digest(std::uint8_t byte, std::size_t size = 48) {
  return base::Buffer(size, byte);
}

ReferenceClaims snp_claims(const std::vector<base::Buffer>& digests) {
  ReferenceClaims claims = claims_of(Platform::snp, "MEASUREMENT", {digests.begin(), digests.end()});
  claims.policy = 0x30000;
  claims.svn = 4;
  return claims;
}

base::Buffer recorded(const std::string& name) {
  const base::Buffer text = testing_files::read(testing_files::data() / "corim" / name);
  std::string digits;
  for (const std::uint8_t byte : text)
    if (std::isxdigit(byte) != 0) digits += static_cast<char>(byte);
  return base::from_hex(digits).value();
}

TEST(Corim, OfSomebodyElseIsReadAsTrusteeReadsIt) {
  const CorimDocument document = parse_corim(recorded("trustee-example.hex"), "example");
  EXPECT_EQ(document.id, "test corim id");
  ASSERT_EQ(document.values.size(), 3U);
  EXPECT_EQ(document.values[2].name, "ACME/RoadRunner/31fb5abf-023e-4992-aa4e-95f9c1503bfa/digests");
  EXPECT_EQ(base::hex(document.values[2].digests.at(0)),
            "a3a5e715f0cc574a73c3f9bebb6bc24f32ffd5b67b387244c2c909da779a1478");
  EXPECT_FALSE(document.signature.has_value());
}

TEST(Corim, OfTheSharedVectorsIsTheRecordedOne) {
  const base::Buffer vector =
      testing_files::read(testing_files::vectors() / "snp" / "corim" / "unsigned-example-corim.cbor");
  if (vector.empty()) GTEST_SKIP() << "no vectors beside the source tree; set BULKHEAD_VECTORS";
  EXPECT_EQ(vector, recorded("trustee-example.hex"));
}

// The tag identity is the igvm crate's, of its own test for SEV-SNP.
TEST(Corim, OfOneLaunchDigestKeepsTheLaunchMeasurementProfile) {
  const Cbor document = Cbor::parse(corim(snp_claims({digest(0xaa)})), "corim");
  const Cbor& map = *document.untagged(501);
  EXPECT_EQ(map.at(0).text(), "AMD/SEV-SNP/launch-measurement");
  EXPECT_EQ(map.at(3).text(), "tag:microsoft.com,2026:launch-measurement/v1");
  ASSERT_EQ(map.at(1).array().size(), 1U);
  const Cbor comid = Cbor::parse(map.at(1).array()[0].untagged(506)->bytes(), "comid");
  EXPECT_EQ(comid.at(1).at(0).text(), "77e8061e-4634-5e53-a848-d1d09e996843");

  const Cbor environment = Cbor::Map{{0, Cbor::Map{{1, "AMD"}, {2, "SEV-SNP"}}}};
  const Cbor measured = Cbor::Map{{0, "MEASUREMENT"}, {1, Cbor::Map{{2, Cbor::nested({7, digest(0xaa)})}}}};
  const Cbor svn = Cbor::Map{{1, Cbor::Map{{1, Cbor::tagged(552, 4)}}}};
  EXPECT_EQ(comid.at(4).at(0), Cbor(Cbor::nested({environment, Cbor::Array{measured}})));
  EXPECT_EQ(comid.at(4).at(8), Cbor(Cbor::nested({Cbor::Array{environment, Cbor::Array{}},
                                                  Cbor::nested({Cbor::Array{measured}, Cbor::Array{svn}})})));
}

TEST(Corim, NamesWhatItHoldsAsTrusteeDoes) {
  const CorimDocument document = parse_corim(corim(snp_claims({digest(1), digest(2)})), "corim");
  ASSERT_EQ(document.values.size(), 2U);
  for (const CorimReferenceValue& value : document.values) EXPECT_EQ(value.name, "AMD/SEV-SNP/MEASUREMENT/digests");
  EXPECT_THAT(document.values[0].digests, ElementsAre(digest(1)));
  EXPECT_THAT(document.values[1].digests, ElementsAre(digest(2)));
}

TEST(Corim, OfAlternativesIsNotOfTheProfileThatWantsOneDigest) {
  const Cbor document = Cbor::parse(corim(snp_claims({digest(1), digest(2)})), "corim");
  EXPECT_EQ(document.untagged(501)->find(3), nullptr);
}

TEST(Corim, OfPcrsHasBothBanksInOneMeasurement) {
  ReferenceClaims claims;
  claims.platform = Platform::tpm;
  claims.registers.push_back({"PCR4", {{digest(1, 32), digest(2)}}});
  const CorimDocument document = parse_corim(corim(claims), "corim");
  ASSERT_EQ(document.values.size(), 1U);
  EXPECT_EQ(document.values[0].name, "TCG/TPM/PCR4/digests");
  EXPECT_THAT(document.values[0].digests, ElementsAre(digest(1, 32), digest(2)));
}

TEST(Corim, SignedIsACoseMessageOfTheSameBytes) {
  const base::KeySigner signer(base::PrivateKey::generate(base::PrivateKey::Type::p384));
  const base::Buffer plain = corim(snp_claims({digest(3)}));
  const base::Buffer signed_one = signed_corim(plain, signer);
  const CorimDocument document = parse_corim(signed_one, "corim");
  ASSERT_TRUE(document.signature.has_value());
  EXPECT_EQ(document.signature->payload, plain);
  EXPECT_TRUE(document.signature->verifies(signer.public_key()));
  const Cbor header = document.signature->header();
  EXPECT_EQ(header.at(1).integer(), -35);
  EXPECT_EQ(header.at(3).text(), "application/rim+cbor");
  EXPECT_EQ(Cbor::parse(header.at(8).bytes(), "meta").at(0).at(0).text(),
            "sha256:" + signer.public_key().fingerprint().hex());
}

TEST(Corim, IsReadThroughTheTagsOfOlderDrafts) {
  base::Buffer wrapped = base::from_hex("d901f4d901f6").value();
  base::append(wrapped, corim(snp_claims({digest(4)})));
  EXPECT_EQ(parse_corim(wrapped, "corim").values.size(), 1U);
}

struct Malformed {
  Cbor item;
  std::string why;
};
Cbor with_triple(Cbor triple) {
  const Cbor comid = Cbor::Map{{1, Cbor::Map{{0, "tag"}}}, {4, Cbor::Map{{0, Cbor::Array{std::move(triple)}}}}};
  return Cbor::tagged(501, Cbor::Map{{0, "id"}, {1, Cbor::Array{Cbor::tagged(506, comid.encoded())}}});
}
Cbor with_measurement(Cbor measurement) {
  return with_triple(Cbor::Array{Cbor::Map{}, Cbor::Array{std::move(measurement)}});
}

TEST(Corim, ThatIsMalformedIsRefused) {
  const Malformed table[] = {
      {Cbor::tagged(500, 1), "wanted CBOR tag 18"},
      {Cbor::tagged(501, Cbor::Array{}), "wanted a map, got an array"},
      {Cbor::tagged(501, Cbor::Map{{0, "id"}}), "missing member 1"},
      {Cbor::tagged(501, Cbor::Map{{0, 1}, {1, Cbor::Array{}}}), "wanted a byte string, got an integer"},
      {Cbor::tagged(501, Cbor::Map{{0, "id"}, {1, Cbor::Array{Cbor::tagged(506, 1)}}}), "wanted a byte string"},
      {Cbor::tagged(501, Cbor::Map{{0, "id"}, {1, Cbor::Array{Cbor::tagged(506, base::Buffer{0xa1})}}}), "CoMID+0x1"},
      {with_triple(Cbor::Array{1}), "a reference triple of 1 members"},
      {with_measurement(Cbor::Map{{0, "key"}}), "missing member 1"},
      {with_measurement(Cbor::Map{{0, Cbor::tagged(37, base::Buffer{1})}, {1, Cbor::Map{}}}), "a UUID of 1 bytes"},
      {with_measurement(Cbor::Map{{1, Cbor::Map{{2, Cbor::nested({7})}}}}), "a digest of 1 members"},
      {with_measurement(Cbor::Map{{1, Cbor::Map{{2, Cbor::nested({7, "x"})}}}}), "wanted a byte string"}};
  for (const Malformed& malformed : table)
    EXPECT_THAT([&] { (void)parse_corim(malformed.item.encoded(), "file"); },
                ThrowsMessage<base::Error>(HasSubstr(malformed.why)));
}

}  // namespace
}  // namespace measurement
