#include "measurement/id_block.h"

#include <algorithm>
#include <cstddef>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

constexpr std::uint32_t p384 = 2;               // CURVE
constexpr std::uint32_t ecdsa_p384_sha384 = 1;  // ID_KEY_ALGO, AUTH_KEY_ALGO

struct BlockLayout {
  std::array<std::uint8_t, 48> launch_digest;
  GuestIdentifier family_id, image_id;
  base::le32 version, guest_svn;
  base::le64 policy;
};
static_assert(sizeof(BlockLayout) == id_block_size && offsetof(BlockLayout, version) == 0x50);

/// A number least significant byte first.
using Number = std::array<std::uint8_t, 72>;

struct SignatureLayout {
  Number r, s;
  std::array<std::uint8_t, 368> reserved;
};
static_assert(sizeof(SignatureLayout) == 512);

struct KeyLayout {
  base::le32 curve;
  Number qx, qy;
  std::array<std::uint8_t, 880> reserved;
};
static_assert(sizeof(KeyLayout) == id_key_size);

struct AuthenticationLayout {
  base::le32 id_key_algorithm, author_key_algorithm;
  std::array<std::uint8_t, 56> reserved_008;
  SignatureLayout id_block_signature;
  KeyLayout id_key;
  std::array<std::uint8_t, 60> reserved_644;
  SignatureLayout id_key_signature;
  KeyLayout author_key;
  std::array<std::uint8_t, 892> reserved_c84;
};
static_assert(sizeof(AuthenticationLayout) == id_authentication_size);
static_assert(offsetof(AuthenticationLayout, id_block_signature) == 0x40);
static_assert(offsetof(AuthenticationLayout, id_key) == 0x240);
static_assert(offsetof(AuthenticationLayout, id_key_signature) == 0x680);
static_assert(offsetof(AuthenticationLayout, author_key) == 0x880);

Number stored(const base::P384Number& number) {
  Number bytes{};
  std::reverse_copy(number.begin(), number.end(), bytes.begin());
  return bytes;
}

SignatureLayout stored(const base::P384Signature& signature) {
  return {stored(signature.r), stored(signature.s), {}};
}

KeyLayout stored(const base::P384Point& key) {
  return {p384, stored(key.x), stored(key.y), {}};
}

[[noreturn]] void refuse(std::size_t offset, const std::string& what) {
  throw base::Error(base::Kind::malformed, "ID authentication+" + base::hex_number(offset) + ": " + what);
}

void expect_zero(base::Bytes bytes, std::size_t offset, const char* name) {
  const auto found = std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte != 0; });
  if (found != bytes.end())
    refuse(offset + static_cast<std::size_t>(found - bytes.begin()),
           std::string(name) + ": got " + base::hex_number(*found) + ", wanted 0");
}

base::P384Number read(const Number& bytes, std::size_t offset, const char* name) {
  base::P384Number number;
  expect_zero(base::Bytes(bytes).subspan(number.size()), offset + number.size(), name);
  std::reverse_copy(bytes.begin(), bytes.begin() + number.size(), number.begin());
  return number;
}

base::P384Signature read(const SignatureLayout& layout, std::size_t offset) {
  expect_zero(layout.reserved, offset + offsetof(SignatureLayout, reserved), "reserved bytes of a signature");
  return {read(layout.r, offset, "number R"), read(layout.s, offset + offsetof(SignatureLayout, s), "number S")};
}

base::P384Point read(const KeyLayout& layout, std::size_t offset) {
  if (layout.curve.value() != p384)
    refuse(offset, "curve: got " + base::hex_number(layout.curve.value()) + ", wanted 0x2 (P-384)");
  expect_zero(layout.reserved, offset + offsetof(KeyLayout, reserved), "reserved bytes of a key");
  return {read(layout.qx, offset + offsetof(KeyLayout, qx), "number QX"),
          read(layout.qy, offset + offsetof(KeyLayout, qy), "number QY")};
}

void expect_algorithm(const base::le32& algorithm, std::size_t offset) {
  if (algorithm.value() != ecdsa_p384_sha384)
    refuse(offset, "key algorithm: got " + base::hex_number(algorithm.value()) + ", wanted 0x1 (ECDSA P-384, SHA-384)");
}

template <typename Layout>
bool all_zero(const Layout& layout) {
  const base::Bytes bytes = base::layout_bytes(layout);
  return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

bool is_signed(const IdSignature& by, base::Bytes message) {
  try {
    return base::p384_public_key(by.key, "key").verifies(message, base::p384_signature_der(by.signature));
  } catch (const base::Error& error) {
    if (error.kind() != base::Kind::malformed) throw;
    return false;  // not on the curve
  }
}

IdSignature signed_by(const base::Signer& signer, base::Bytes message) {
  return {base::p384_point(signer.public_key()), base::p384_signature(signer.sign(message))};
}

}  // namespace

base::Buffer id_block_bytes(const IdBlock& block) {
  const BlockLayout layout{block.launch_digest.bytes, block.family_id, block.image_id, block.version,
                           block.guest_svn,           block.policy};
  return base::buffer_of(base::layout_bytes(layout));
}

IdBlock parse_id_block(base::Bytes bytes) {
  base::ByteReader reader("ID block", bytes);
  const auto layout = reader.take<BlockLayout>();
  reader.expect_end();
  if (layout.version.value() != 1)
    throw base::Error(base::Kind::malformed,
                      "ID block+0x50: version: got " + std::to_string(layout.version.value()) + ", wanted 1");
  return {LaunchDigest{layout.launch_digest}, layout.family_id,     layout.image_id, layout.version.value(),
          layout.guest_svn.value(),           layout.policy.value()};
}

base::Buffer id_authentication_bytes(const IdAuthentication& authentication) {
  AuthenticationLayout layout{};
  layout.id_key_algorithm = ecdsa_p384_sha384;
  layout.id_block_signature = stored(authentication.id.signature);
  layout.id_key = stored(authentication.id.key);
  if (authentication.author) {
    layout.author_key_algorithm = ecdsa_p384_sha384;
    layout.id_key_signature = stored(authentication.author->signature);
    layout.author_key = stored(authentication.author->key);
  }
  return base::buffer_of(base::layout_bytes(layout));
}

IdAuthentication parse_id_authentication(base::Bytes bytes) {
  base::ByteReader reader("ID authentication", bytes);
  const auto layout = reader.take<AuthenticationLayout>();
  reader.expect_end();
  expect_algorithm(layout.id_key_algorithm, 0);
  expect_zero(layout.reserved_008, 0x8, "reserved bytes");
  expect_zero(layout.reserved_644, 0x644, "reserved bytes");
  expect_zero(layout.reserved_c84, 0xc84, "reserved bytes");
  IdAuthentication found{{read(layout.id_key, offsetof(AuthenticationLayout, id_key)),
                          read(layout.id_block_signature, offsetof(AuthenticationLayout, id_block_signature))},
                         std::nullopt};
  if (layout.author_key_algorithm.value() == 0 || (all_zero(layout.author_key) && all_zero(layout.id_key_signature))) {
    expect_zero(base::layout_bytes(layout.id_key_signature), 0x680, "signature of an author key that is not used");
    expect_zero(base::layout_bytes(layout.author_key), 0x880, "author key that is not used");
    return found;
  }
  expect_algorithm(layout.author_key_algorithm, 4);
  found.author = {read(layout.author_key, offsetof(AuthenticationLayout, author_key)),
                  read(layout.id_key_signature, offsetof(AuthenticationLayout, id_key_signature))};
  return found;
}

base::Buffer id_key_bytes(const base::P384Point& key) {
  return base::buffer_of(base::layout_bytes(stored(key)));
}

base::Sha384 id_key_digest(const base::P384Point& key) {
  return base::sha384(id_key_bytes(key));
}

IdAuthentication authenticate(const IdBlock& block, const base::Signer& id, const base::Signer* author) {
  IdAuthentication made{signed_by(id, id_block_bytes(block)), std::nullopt};
  if (author) made.author = signed_by(*author, id_key_bytes(made.id.key));
  return made;
}

IdVerdict verify(const IdBlock& block, const IdAuthentication& authentication) {
  IdVerdict verdict;
  verdict.id_block_signed = is_signed(authentication.id, id_block_bytes(block));
  if (authentication.author)
    verdict.id_key_signed = is_signed(*authentication.author, id_key_bytes(authentication.id.key));
  return verdict;
}

}  // namespace measurement
