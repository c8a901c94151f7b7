#include "base/cose.h"

#include <gmock/gmock.h>

#include "base/ecdsa_signature.h"
#include "base/error.h"
#include "base/uuid.h"

namespace base {
namespace {

Buffer bytes(const std::string& hexadecimal) {
  return from_hex(hexadecimal).value();
}

/// A message somebody else signed, and the SubjectPublicKeyInfo of the key.
struct Example {
  std::string key, message;
};
// COSE working group's examples, ecdsa-examples/ecdsa-sig-01 (ES256) and ecdsa-sig-02 (ES384).
const Example examples[] = {
    {"3059301306072a8648ce3d020106082a8648ce3d03010703420004"
     "bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff20138bf82dc1b6d562be0fa54ab7804a3a64"
     "b6d72ccfed6b6fb6ed28bbfc117e",
     "d28445a201260300a10442313154546869732069732074686520636f6e74656e742e5840eae868ecc176883766c5dc5ba5b8"
     "dca25dab3c2e56a551ce5705b793914348e172727f48461fabbba2e343492ddecac3983686250bc68e9f1a7a07d41225b59f"},
    {"3076301006072a8648ce3d020106052b8104002203620004"
     "9132723f6292b010619dbe248d698c17b58756c639e7150f81bee4eb8ac37236ad0a1a19d67be32a66263e1e524d129c98cd"
     "3078c554d832ac603c4326410ff61662459b41f1f3df5dbcc83598ff7c5ed8411ca735679d1c4cb3009397d9ef2c",
     "d28444a1013822a104445033383454546869732069732074686520636f6e74656e742e5860b8f85eff78c88f5351ced2f188"
     "7b79b296490795594b62e41e22529bb90208b7d8cddd4a46d0e9c986464d83d0a5d1edf39b3e2c5750364230d0e8d76460d8"
     "808e76c83830fbbd1978cc174066eb437f17887979ecf027dcc9d51baf6c4fd8c0"}};

TEST(CoseSign1, VerifiesTheWorkingGroupsExamples) {
  for (const Example& example : examples) {
    const PublicKey key = PublicKey::from_der(bytes(example.key), "key");
    const CoseSign1 message = CoseSign1::from_item(Cbor::parse(bytes(example.message), "example"));
    EXPECT_EQ(text_of(message.payload), "This is the content.");
    EXPECT_TRUE(message.verifies(key)) << key.algorithm();
  }
}

TEST(CoseSign1, RefusesWhatIsNone) {
  for (const Cbor& item :
       {Cbor(1), Cbor::tagged(17, Cbor::Array{}), Cbor::tagged(18, Cbor::Array{Buffer{}, Cbor::Map{}, Buffer{}}),
        Cbor::tagged(18, Cbor::Array{Buffer{0xa0}, Cbor::Map{}, Cbor(), Buffer{}}),
        Cbor::tagged(18, Cbor::Array{Buffer{0x01}, Cbor::Map{}, Buffer{}, Buffer{}})})
    EXPECT_THROW((void)CoseSign1::from_item(item), Error) << hex(item.encoded());
}

class CoseKey : public testing::TestWithParam<PrivateKey::Type> {};

TEST_P(CoseKey, SignsWhatItsPublicHalfVerifies) {
  const KeySigner signer(PrivateKey::generate(GetParam()));
  const CoseSign1 made = cose_sign1({{3, "text/plain"}}, bytes_of("reference values"), signer);
  const CoseSign1 read = CoseSign1::from_item(Cbor::parse(made.item().encoded(), "message"));
  EXPECT_TRUE(read.verifies(signer.public_key()));
  EXPECT_EQ(read.header().at(3).text(), "text/plain");
  EXPECT_FALSE(read.verifies(PrivateKey::generate(GetParam()).public_key()));
  for (Buffer CoseSign1::* part : {&CoseSign1::payload, &CoseSign1::signature}) {
    CoseSign1 changed = read;
    (changed.*part).front() ^= 1U;
    EXPECT_FALSE(changed.verifies(signer.public_key()));
  }
}
INSTANTIATE_TEST_SUITE_P(Kinds, CoseKey,
                         testing::Values(PrivateKey::Type::ed25519, PrivateKey::Type::p256, PrivateKey::Type::p384));

TEST(EcdsaSignature, IsRefusedWhenItIsNone) {
  EXPECT_THROW((void)raw_ecdsa_signature(bytes("3006020101020102"), 0), Error);
  EXPECT_THROW((void)raw_ecdsa_signature(bytes("300602010102010200"), 32), Error);
  EXPECT_THROW((void)raw_ecdsa_signature({}, 32), Error);
  const Buffer raw = raw_ecdsa_signature(bytes("3006020101020102"), 32);
  EXPECT_EQ(raw.size(), 64U);
  EXPECT_EQ(der_ecdsa_signature(raw), bytes("3006020101020102"));
}

// RFC 9562, appendix A.4.
TEST(Uuid, FollowsFromNamespaceAndNameAsItsStandardShows) {
  const Uuid dns{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
  EXPECT_EQ(uuid_text(uuid_version5(dns, "www.example.com")), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

}  // namespace
}  // namespace base
