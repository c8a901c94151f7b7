#include "base/ecdsa_p384.h"

#include <gmock/gmock.h>
#include <openssl/crypto.h>

#include "base/error.h"

namespace base {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

P384Number number(std::string_view hexadecimal) {
  const Buffer bytes = from_hex(hexadecimal).value();
  P384Number value{};
  std::copy(bytes.begin(), bytes.end(), value.begin());
  return value;
}

// RFC 6979 appendix A.2.6: the key, and the signature of "sample" with SHA-384.
constexpr std::string_view example_key =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDBrnT2tLhuMHAWxmHW2\n"
    "ZZ9N4jw7Znvyl7qapHdAeHE32JbVck5McKgl+HLJ6mDS7fWhZANiAATsOk5BW04Z\n"
    "pFaGGAKfQn+l2pqLxK6S4C4GquUoazAMZN748OqQVYZgZKJUUVSAvBOAFdm3LX1X\n"
    "JE6o75rAxiGJZwilk2f537n1TKhLPxydsSiLIxw64NT+c0T9JTMmRyA=\n"
    "-----END PRIVATE KEY-----\n";
const P384Point example_point{
    number("ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13"),
    number("8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720")};
const P384Signature example_signature{
    number("94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"),
    number("99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8")};

TEST(P384, KnowsTheNumbersOfTheExampleOfRfc6979) {
  const PrivateKey key = PrivateKey::from_pem(example_key, "RFC 6979");
  EXPECT_EQ(p384_point(key.public_key()), example_point);
  const PublicKey again = p384_public_key(example_point, "RFC 6979");
  EXPECT_EQ(again.fingerprint(), key.public_key().fingerprint());
  const Buffer der = p384_signature_der(example_signature);
  EXPECT_TRUE(again.verifies(bytes_of("sample"), der));
  EXPECT_EQ(p384_signature(der), example_signature);
}

TEST(P384, SignsAsRfc6979SaysWhereOpensslCan) {
  if (OPENSSL_version_major() == 3 && OPENSSL_version_minor() < 2) GTEST_SKIP() << "needs OpenSSL 3.2 or later";
  const PrivateKey key = PrivateKey::from_pem(example_key, "RFC 6979");
  EXPECT_EQ(p384_signature(key.sign(bytes_of("sample"))), example_signature);
}

TEST(P384, RefusesOtherKeysPointsAndSignatures) {
  EXPECT_THAT([] { p384_point(PrivateKey::generate(PrivateKey::Type::p256).public_key()); },
              ThrowsMessage<Error>(HasSubstr("wanted an EC P-384 key, got EC P-256")));
  P384Point off_curve = example_point;
  off_curve.y[47] ^= 1U;
  EXPECT_THAT([&] { p384_public_key(off_curve, "key 7"); },
              ThrowsMessage<Error>(HasSubstr("key 7: wanted a point on P-384")));
  EXPECT_THROW(p384_public_key({}, "zero"), Error);
  EXPECT_THROW(p384_signature(bytes_of("no signature")), Error);
}

}  // namespace
}  // namespace base
