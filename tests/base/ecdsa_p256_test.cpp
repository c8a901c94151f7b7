#include "base/ecdsa_p256.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace base {
namespace {

TEST(P256, KeyOfAPointIsTheKeyItIsThePointOf) {
  const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
  const EcdhKey::Point point = key.public_key().p256_point();
  std::array<std::uint8_t, 64> numbers{};
  std::copy(point.x.begin(), point.x.end(), numbers.begin());
  std::copy(point.y.begin(), point.y.end(), numbers.begin() + 32);
  const PublicKey found = p256_public_key(numbers, "key");
  EXPECT_EQ(found.der(), key.public_key().der());
  EXPECT_EQ(found.algorithm(), "EC P-256");
  EXPECT_TRUE(found.verifies_es256(bytes_of("message"), key.sign_es256(bytes_of("message"))));
  EXPECT_FALSE(found.verifies_es256(bytes_of("another"), key.sign_es256(bytes_of("message"))));
  numbers[40] ^= 1U;
  EXPECT_THROW(p256_public_key(numbers, "key"), Error);
  EXPECT_THROW(p256_public_key({}, "key"), Error);
}

}  // namespace
}  // namespace base
