#include "base/subject_public_key.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/error.h"

namespace base {
namespace {

/// Made with: openssl genrsa 2048 | openssl rsa -pubout -outform DER (OpenSSL 3.0); the modulus is bytes 33 to 288.
constexpr const char* openssl_spki =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAx2XRlfEPz3/aNU32Mhdmhn6WyizY3CRae2Of1mcSEkXHWC5OLMDYXuwGDhe/"
    "pjYeTdEAJADlK305oo5nh/"
    "7d9xcJfJjv3rikGVDzZGsovQuLYmTipaSsSgr1LU09yYKbg0w9QaAkEfCZGKma6pkqe5zZBSte+9AhhGWmKU62QFYv7A272MpEBqWeS+"
    "mBHlmezOBx+Rliz0wLptWJlqq2HcijZ1GDO/D7YpeGxSiMPnebdFhbQ/"
    "fzo3fJQzNfmFn4dD3WWZXVPGpXIiE3u4mkNuf2gxwTCD4iyMZ9RKkIDEJgOIsaUrHZaI2fwW8hId6dOl86y/QQXN3MdINt9B+xMQIDAQAB";
constexpr std::size_t modulus_offset = 33, modulus_size = 256;

TEST(SubjectPublicKey, IsWhatOpensslWritesForTheSameKey) {
  const Buffer wanted = from_base64(openssl_spki).value();
  const Bytes modulus = Bytes(wanted).subspan(modulus_offset, modulus_size);
  EXPECT_EQ(hex(rsa_subject_public_key_info(modulus, 65537)), hex(wanted));
  EXPECT_EQ(rsa_subject_public_key_info(modulus, 0), wanted) << "TPMs write 0 for the default exponent";
}

TEST(SubjectPublicKey, DropsLeadingZerosAndKeepsNumbersPositive) {
  const Buffer small = {0, 0, 0x7f}, top_bit = {0x80};
  EXPECT_EQ(hex(rsa_subject_public_key_info(small, 3)),
            "301a300d06092a864886f70d010101050003090030060201"
            "7f020103");
  EXPECT_EQ(hex(rsa_subject_public_key_info(top_bit, 3)), "301b300d06092a864886f70d0101010500030a00300702020080020103");
}

TEST(SubjectPublicKey, RefusesModuliThatAreNone) {
  EXPECT_THROW(rsa_subject_public_key_info({}, 0), Error);
  EXPECT_THROW(rsa_subject_public_key_info(Buffer(513, 1), 0), Error);
}

}  // namespace
}  // namespace base
