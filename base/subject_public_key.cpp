#include "base/subject_public_key.h"

#include <algorithm>
#include <array>

#include "base/der_writer.h"
#include "base/error.h"

namespace base {
namespace {

constexpr std::size_t longest_modulus = 512;
/// AlgorithmIdentifier of rsaEncryption: OID 1.2.840.113549.1.1.1 and NULL.
constexpr std::array<std::uint8_t, 15> rsa_encryption = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                         0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

/// An unsigned big-endian number; a zero byte keeps a set top bit from meaning a negative one.
Buffer integer(Bytes number) {
  const auto first = std::find_if(number.begin(), number.end(), [](std::uint8_t byte) { return byte != 0; });
  Buffer content(first, number.end());
  if (content.empty() || (content.front() & 0x80U) != 0) content.insert(content.begin(), 0);
  return der_element(DerTag::integer, content);
}

}  // namespace

Buffer rsa_subject_public_key_info(Bytes modulus, std::uint32_t exponent) {
  if (modulus.empty() || modulus.size() > longest_modulus) {
    throw Error(Kind::malformed, "attestation key: a modulus of " + std::to_string(modulus.size()) +
                                     " bytes, wanted 1 to " + std::to_string(longest_modulus));
  }
  const std::uint32_t e = exponent == 0 ? 65537 : exponent;
  const std::array<std::uint8_t, 4> big_endian = {static_cast<std::uint8_t>(e >> 24U),
                                                  static_cast<std::uint8_t>(e >> 16U),
                                                  static_cast<std::uint8_t>(e >> 8U), static_cast<std::uint8_t>(e)};
  Buffer numbers = integer(modulus);
  append(numbers, integer(big_endian));
  Buffer bits{0};  // no unused bits
  append(bits, der_element(DerTag::sequence, numbers));
  Buffer content(rsa_encryption.begin(), rsa_encryption.end());
  append(content, der_element(DerTag::bit_string, bits));
  return der_element(DerTag::sequence, content);
}

}  // namespace base
