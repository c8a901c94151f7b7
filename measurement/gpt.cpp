#include "measurement/gpt.h"

#include <algorithm>
#include <array>

#include "base/byte_reader.h"
#include "base/crc32.h"
#include "base/encoding.h"

namespace measurement {
namespace {

constexpr std::size_t sector_size = 512, least_entry = 128, most_entries_size = std::size_t{1} << 20U;

// EFI_PARTITION_TABLE_HEADER.
struct Header {
  std::array<std::uint8_t, 8> signature;
  base::le32 revision, header_size, header_crc, reserved;
  base::le64 my_lba, alternate_lba, first_usable, last_usable;
  std::array<std::uint8_t, 16> disk_guid;
  base::le64 entries_lba;
  base::le32 entry_count, entry_size, entries_crc;
};
static_assert(sizeof(Header) == 92);

void check_header(base::ByteReader& reader, Header header) {
  if (base::text_of(header.signature) != "EFI PART") reader.fail("got no 'EFI PART', wanted a GUID partition table");
  if (header.header_size.value() != sizeof(Header))
    reader.fail("header of " + std::to_string(header.header_size.value()) + " bytes, wanted 92");
  const std::uint32_t wanted = header.header_crc.value();
  header.header_crc = 0U;
  if (const std::uint32_t got = base::crc32(base::layout_bytes(header)); got != wanted)
    reader.fail("header's checksum is " + base::hex_number(wanted) + ", its bytes give " + base::hex_number(got));
  if (header.entry_size.value() < least_entry || header.entry_size.value() % least_entry != 0 ||
      std::uint64_t{header.entry_size.value()} * header.entry_count.value() > most_entries_size)
    reader.fail(std::to_string(header.entry_count.value()) + " entries of " +
                std::to_string(header.entry_size.value()) + " bytes, wanted multiples of 128 and at most 1 MiB");
}

base::Bytes read_entries(base::Bytes disk, const Header& header) {
  const std::uint64_t lba = header.entries_lba.value();
  const std::size_t size = std::size_t{header.entry_size.value()} * header.entry_count.value();
  base::ByteReader reader("partition entries", disk, 0);
  if (lba > disk.size() / sector_size)
    reader.fail("start at sector " + base::hex_number(lba) + ", past the " + std::to_string(disk.size()) + " bytes");
  reader.skip(lba * sector_size);
  const base::Bytes entries = reader.take(size);
  if (const std::uint32_t got = base::crc32(entries); got != header.entries_crc.value())
    reader.fail("checksum is " + base::hex_number(header.entries_crc.value()) + ", the bytes give " +
                base::hex_number(got));
  return entries;
}

}  // namespace

BootEvent gpt_event(base::Bytes disk) {
  base::ByteReader reader("disk", disk);
  reader.skip(sector_size);
  const auto header = reader.take<Header>();
  check_header(reader, header);
  const base::Bytes entries = read_entries(disk, header);
  std::vector<base::Bytes> used;
  for (std::size_t at = 0; at < entries.size(); at += header.entry_size.value()) {
    const base::Bytes entry = entries.subspan(at, header.entry_size.value());
    const base::Bytes type = entry.first(16);
    if (std::any_of(type.begin(), type.end(), [](std::uint8_t byte) { return byte != 0; })) used.push_back(entry);
  }
  const base::le64 count = std::uint64_t{used.size()};
  std::vector<base::Bytes> parts{base::layout_bytes(header), base::layout_bytes(count)};
  parts.insert(parts.end(), used.begin(), used.end());
  return make_event(5, "EV_EFI_GPT_EVENT", "partition table", Provenance::input_file, digests_of(parts));
}

}  // namespace measurement
