#include "attestation/wire/volume_keys.h"

#include <algorithm>
#include <array>

#include "base/byte_reader.h"

namespace attestation::wire {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::array<std::uint8_t, 8> magic{'B', 'H', 'V', 'O', 'L', 'K', 'E', 'Y'};
constexpr std::uint8_t only_version = 1;

/// Source: docs/attestation.md, "Keys of volumes"
struct Header {
  std::array<std::uint8_t, 8> magic;
  std::uint8_t version;
  std::uint8_t may_format;  ///< 0 or 1
  std::uint8_t count;       ///< of the keys that follow: 1 or 2
  std::array<std::uint8_t, 5> zeros;
};
static_assert(sizeof(Header) == 16 && alignof(Header) == 1);

}  // namespace

base::Secret volume_keys_bytes(const VolumeKeys& keys) {
  const Header header{magic,
                      only_version,
                      static_cast<std::uint8_t>(keys.may_format ? 1 : 0),
                      static_cast<std::uint8_t>(keys.versions.size()),
                      {}};
  base::Secret out(sizeof header + keys.versions.size() * key_bytes);
  auto at = std::ranges::copy(base::layout_bytes(header), out.writable().begin()).out;
  for (const base::Secret& key : keys.versions) at = std::ranges::copy(key.view(), at).out;
  return out;
}

VolumeKeys parse_volume_keys(base::Bytes bytes) {
  base::ByteReader reader("volume keys", bytes);
  const Header header = reader.take<Header>();
  if (header.magic != magic) reader.fail("magic: wanted BHVOLKEY");
  if (header.version != only_version) reader.fail("version: got " + std::to_string(header.version) + ", wanted 1");
  if (header.may_format > 1) reader.fail("mayFormat: got " + std::to_string(header.may_format) + ", wanted 0 or 1");
  if (header.count < 1 || header.count > 2)
    reader.fail("count: got " + std::to_string(header.count) + ", wanted 1 or 2");
  if (header.zeros != decltype(header.zeros){}) reader.fail("reserved bytes: wanted zeros");
  VolumeKeys keys{header.may_format == 1, {}};
  for (unsigned i = 0; i < header.count; ++i) keys.versions.emplace_back(base::buffer_of(reader.take(key_bytes)));
  reader.expect_end();
  return keys;
}

}  // namespace attestation::wire
