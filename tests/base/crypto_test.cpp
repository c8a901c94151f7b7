#include "base/crypto.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace base {
namespace {

Buffer raw(std::string_view digits) {
  return from_hex(digits).value();
}

// FIPS 180-4 examples, "abc".
TEST(Hash, AgreesWithFips180) {
  EXPECT_EQ(sha256(bytes_of("abc")).hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha384(bytes_of("abc")).hex(),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(hex(sha1(bytes_of("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Hash, IsTheSameInPieces) {
  Hasher hasher(Hasher::Algorithm::sha384);
  hasher.update(bytes_of("a"));
  hasher.update(bytes_of("bc"));
  EXPECT_EQ(std::move(hasher).finish(), buffer_of(sha384(bytes_of("abc")).view()));
}

TEST(Hash, CanBeAskedForOnTheWay) {
  Hasher hasher(Hasher::Algorithm::sha256);
  hasher.update(bytes_of("ab"));
  EXPECT_EQ(hasher.so_far(), buffer_of(sha256(bytes_of("ab")).view()));
  hasher.update(bytes_of("c"));
  EXPECT_EQ(hasher.so_far(), buffer_of(sha256(bytes_of("abc")).view()));
  EXPECT_EQ(std::move(hasher).finish(), buffer_of(sha256(bytes_of("abc")).view()));
}

// RFC 4231 test case 2.
TEST(Hmac, AgreesWithRfc4231) {
  EXPECT_EQ(hex(hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

// RFC 3394 section 4.6: 256 bits of key data with a 256-bit KEK.
TEST(KeyWrap, AgreesWithRfc3394) {
  const Buffer kek = raw("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const Buffer key = raw("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
  const Buffer wrapped = raw("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
  EXPECT_EQ(wrap_aes256(kek, key), wrapped);
  EXPECT_EQ(buffer_of(unwrap_aes256(kek, wrapped).view()), key);
}

TEST(KeyWrap, RefusesAChangedWrapping) {
  const Buffer kek(32, 7);
  Buffer wrapped = wrap_aes256(kek, Buffer(32, 9));
  wrapped[3] ^= 1U;
  EXPECT_THROW(unwrap_aes256(kek, wrapped), Error);
  EXPECT_THROW(unwrap_aes256(kek, Buffer(20)), Error);
}

// GCM specification (McGrew, Viega), test case 16: AES-256 with associated data.
TEST(Gcm, OpensTheSpecificationsTestCase16) {
  const SealedBox box{raw("cafebabefacedbaddecaf888"),
                      raw("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b105682"
                          "8838c5f61e6393ba7a0abcc9f662"),
                      raw("76fc6ece0f4e1768cddf8853bb2d551b")};
  const Secret plain = open_aes256_gcm(raw("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"), box,
                                       raw("feedfacedeadbeeffeedfacedeadbeefabaddad2"));
  EXPECT_EQ(hex(plain.view()),
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa"
            "0de657ba637b39");
}

TEST(Gcm, RefusesAChangedTextTagOrAssociatedData) {
  const Buffer key(32, 1);
  const SealedBox box = seal_aes256_gcm(key, bytes_of("secret"), bytes_of("guest"));
  EXPECT_EQ(text_of(open_aes256_gcm(key, box, bytes_of("guest")).view()), "secret");
  EXPECT_THROW(open_aes256_gcm(key, box, bytes_of("other")), Error);
  SealedBox changed = box;
  changed.ciphertext[0] ^= 1U;
  EXPECT_THROW(open_aes256_gcm(key, changed, bytes_of("guest")), Error);
  EXPECT_THROW(open_aes256_gcm(Buffer(16), box, bytes_of("guest")), Error);
}

class KeyType : public testing::TestWithParam<PrivateKey::Type> {};

TEST_P(KeyType, SignsWhatItsPublicHalfVerifiesAfterPem) {
  const PrivateKey key = PrivateKey::from_pem(text_of(PrivateKey::generate(GetParam()).pem().view()), "key");
  const PublicKey reread = PublicKey::from_pem(key.public_key().pem(), "key");
  Buffer signature = key.sign(bytes_of("message"));
  EXPECT_TRUE(reread.verifies(bytes_of("message"), signature));
  EXPECT_FALSE(reread.verifies(bytes_of("massage"), signature));
  signature.back() ^= 1U;
  EXPECT_FALSE(reread.verifies(bytes_of("message"), signature));
  EXPECT_EQ(reread.fingerprint(), key.public_key().fingerprint());
}

INSTANTIATE_TEST_SUITE_P(All, KeyType,
                         testing::Values(PrivateKey::Type::ed25519, PrivateKey::Type::p256, PrivateKey::Type::p384));

// RFC 8032 section 7.1, test 2.
TEST(Ed25519, VerifiesRfc8032) {
  const Buffer spki = raw("302a300506032b65700321003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Buffer signature =
      raw("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
          "2aeeb00d291612bb0c00");
  EXPECT_TRUE(PublicKey::from_der(spki, "key").verifies(raw("72"), signature));
  EXPECT_FALSE(PublicKey::from_der(spki, "key").verifies(raw("73"), signature));
}

// RFC 7515 appendix A.3.
TEST(Es256, VerifiesRfc7515) {
  const Buffer x = from_base64url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU").value();
  const Buffer y = from_base64url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0").value();
  Buffer spki = raw("3059301306072a8648ce3d020106082a8648ce3d03010703420004");
  append(spki, x);
  append(spki, y);
  const std::string message =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const Buffer signature =
      from_base64url("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q").value();
  const PublicKey key = PublicKey::from_der(spki, "key");
  EXPECT_TRUE(key.verifies_es256(bytes_of(message), signature));
  EXPECT_FALSE(key.verifies_es256(bytes_of(message + "x"), signature));
  EXPECT_EQ(buffer_of(key.p256_point().x), x);
}

TEST(Es256, SignsInTheFormItVerifies) {
  const PrivateKey key = PrivateKey::generate(PrivateKey::Type::p256);
  const Buffer signature = key.sign_es256(bytes_of("token"));
  EXPECT_EQ(signature.size(), 64U);
  EXPECT_TRUE(key.public_key().verifies_es256(bytes_of("token"), signature));
}

// RFC 7518 appendix C has no private scalar we could load; both sides must agree and strangers must not.
TEST(Ecdh, GivesBothSidesTheSameSecret) {
  const EcdhKey alice, bob, eve;
  const Secret a = alice.shared_secret(bob.point());
  EXPECT_TRUE(equal_in_constant_time(a.view(), bob.shared_secret(alice.point()).view()));
  EXPECT_FALSE(equal_in_constant_time(a.view(), eve.shared_secret(alice.point()).view()));
  EcdhKey::Point off = bob.point();
  off.y[31] ^= 1U;
  EXPECT_THROW((void)alice.shared_secret(off), Error);
}

class NotAKey : public testing::TestWithParam<std::string> {};

TEST_P(NotAKey, IsRefusedByName) {
  EXPECT_THROW(PublicKey::from_pem(GetParam(), "acme.pub"), Error);
  EXPECT_THROW(PrivateKey::from_pem(GetParam(), "acme.key"), Error);
}

INSTANTIATE_TEST_SUITE_P(Table, NotAKey,
                         testing::Values("", "hello", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                                         "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"));

TEST(Secret, IsEmptyAfterBeingMovedFrom) {
  Secret from(Buffer{1, 2, 3});
  const Secret to = std::move(from);
  EXPECT_EQ(from.size(), 0U);  // NOLINT(bugprone-use-after-move): the promise under test
  EXPECT_EQ(to.size(), 3U);
  Buffer memory = {1, 2, 3};
  wipe(memory);
  EXPECT_EQ(memory, Buffer(3));
}

}  // namespace
}  // namespace base
