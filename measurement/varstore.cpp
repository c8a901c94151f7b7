#include "measurement/varstore.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

constexpr std::string_view variable_volume_guid = "fff12b8d-7696-4c8b-a985-2747075b4f50";
constexpr std::string_view authenticated_store_guid = "aaf32c78-947b-439a-a180-2e144ec37792";
constexpr std::size_t volume_alignment = 0x1000;
constexpr std::uint16_t variable_start = 0x55aa;
constexpr std::uint8_t added = 0x3f, in_deleted_transition = 0x3e;
constexpr std::uint8_t formatted = 0x5a, healthy = 0xfe;

// EFI_FIRMWARE_VOLUME_HEADER without its block map.
struct VolumeHeader {
  std::array<std::uint8_t, 16> zeros, guid;
  base::le64 length;
  std::array<std::uint8_t, 4> signature;
  base::le32 attributes;
  base::le16 header_length, checksum, extended_header;
  std::uint8_t reserved, revision;
};
static_assert(sizeof(VolumeHeader) == 56);

struct StoreHeader {
  std::array<std::uint8_t, 16> guid;
  base::le32 size;  // of the store with this header
  std::uint8_t format, state;
  base::le16 reserved;
  base::le32 reserved2;
};
static_assert(sizeof(StoreHeader) == 28);

// AUTHENTICATED_VARIABLE_HEADER; name and data follow, the next one starts at a multiple of 4.
struct VariableHeader {
  base::le16 start;
  std::uint8_t state, reserved;
  base::le32 attributes;
  base::le64 monotonic_count;
  std::array<std::uint8_t, 16> time;
  base::le32 public_key_index, name_size, data_size;
  std::array<std::uint8_t, 16> guid;
};
static_assert(sizeof(VariableHeader) == 60);

std::optional<std::size_t> volume_offset(base::Bytes image) {
  const std::array<std::uint8_t, 16> guid = base::guid_bytes(variable_volume_guid);
  for (std::size_t at = 0; at + sizeof(VolumeHeader) <= image.size(); at += volume_alignment)
    if (std::equal(guid.begin(), guid.end(), image.begin() + static_cast<std::ptrdiff_t>(at + 16)) &&
        base::text_of(image.subspan(at + 40, 4)) == "_FVH")
      return at;
  return std::nullopt;
}

// The bytes of the store, its header included.
std::pair<base::Bytes, std::size_t> store_of(base::Bytes image, std::size_t volume_at) {
  base::ByteReader reader("variable volume", image.subspan(volume_at), volume_at);
  const auto volume = reader.take<VolumeHeader>();
  const std::uint64_t length = volume.length.value();
  const std::size_t header_length = volume.header_length.value();
  if (length > image.size() - volume_at || header_length < sizeof(VolumeHeader) || header_length > length)
    reader.fail("volume of " + base::hex_number(length) + " bytes with a header of " + base::hex_number(header_length) +
                ", wanted at most " + base::hex_number(image.size() - volume_at));
  const std::size_t start = volume_at + header_length;
  base::ByteReader store("variable store", image.subspan(start, length - header_length), start);
  const auto header = store.take<StoreHeader>();
  if (header.guid != base::guid_bytes(authenticated_store_guid))
    store.fail("GUID is " + base::guid_text(header.guid) + ", wanted the authenticated format " +
               std::string(authenticated_store_guid));
  if (header.format != formatted || header.state != healthy)
    store.fail("format " + base::hex_number(header.format) + " and state " + base::hex_number(header.state) +
               ", wanted 0x5a and 0xfe");
  const std::size_t size = header.size.value();
  if (size < sizeof(StoreHeader) || size > length - header_length)
    store.fail("size is " + base::hex_number(size) + ", wanted at most " + base::hex_number(length - header_length));
  return {image.subspan(start, size), start};
}

struct Stored {
  std::uint8_t state = 0;
  Variable variable;
};

Stored take_variable(base::ByteReader& reader, const VariableHeader& header) {
  Stored stored{header.state, {base::guid_text(header.guid), "", header.attributes.value(), {}}};
  const base::Bytes name = reader.take(header.name_size.value());
  if (name.size() % 2 != 0) reader.fail("name of " + std::to_string(name.size()) + " bytes, wanted UTF-16");
  stored.variable.name = base::from_utf16le(name);
  while (stored.variable.name.ends_with('\0')) stored.variable.name.pop_back();
  stored.variable.data = base::buffer_of(reader.take(header.data_size.value()));
  return stored;
}

std::vector<Stored> read_all(base::Bytes store, std::size_t start) {
  base::ByteReader reader("variable store", store, start);
  reader.skip(sizeof(StoreHeader));
  std::vector<Stored> all;
  for (;;) {
    reader.skip(std::min<std::size_t>(-(reader.offset() - start) % 4, reader.left()));
    if (reader.left() < sizeof(VariableHeader)) break;
    const auto header = reader.take<VariableHeader>();
    if (header.start.value() != variable_start) break;
    all.push_back(take_variable(reader, header));
  }
  return all;
}

}  // namespace

const Variable* VariableStore::find(std::string_view guid, std::string_view name) const noexcept {
  const auto found = std::find_if(variables.begin(), variables.end(),
                                  [&](const Variable& one) { return one.guid == guid && one.name == name; });
  return found == variables.end() ? nullptr : &*found;
}

base::Bytes VariableStore::data(std::string_view guid, std::string_view name) const noexcept {
  const Variable* const found = find(guid, name);
  return found ? base::Bytes(found->data) : base::Bytes();
}

bool has_variable_store(base::Bytes image) {
  return volume_offset(image).has_value();
}

VariableStore read_variable_store(base::Bytes image) {
  const auto volume_at = volume_offset(image);
  if (!volume_at)
    throw base::Error(base::Kind::malformed,
                      "variable store: no volume of variables found, wanted a file such as OVMF_VARS_4M.fd");
  const auto [bytes, start] = store_of(image, *volume_at);
  std::vector<Stored> all = read_all(bytes, start);
  VariableStore store;
  for (const std::uint8_t state : {added, in_deleted_transition}) {
    const std::size_t better = store.variables.size();
    for (Stored& one : all) {
      if (one.state != state) continue;
      const Variable* const known = store.find(one.variable.guid, one.variable.name);
      if (known && known >= store.variables.data() + better)
        throw base::Error(base::Kind::malformed,
                          "variable store: " + one.variable.name + " (" + one.variable.guid + ") is there twice");
      if (!known) store.variables.push_back(std::move(one.variable));
    }
  }
  return store;
}

}  // namespace measurement
