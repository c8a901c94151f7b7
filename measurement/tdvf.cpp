#include "measurement/tdvf.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"
#include "measurement/ovmf.h"

namespace measurement {
namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t four_gib = 1ULL << 32U;
constexpr std::uint64_t most_memory = 128ULL << 20U;
constexpr std::uint32_t most_sections = 64;
constexpr std::uint32_t mr_extend = 1, page_aug = 2;

struct Descriptor {
  std::array<char, 4> signature;
  base::le32 length, version, count;
};
static_assert(sizeof(Descriptor) == 16);

struct Entry {
  base::le32 data_offset, raw_size;
  base::le64 address, size;
  base::le32 type, attributes;
};
static_assert(sizeof(Entry) == 32 && offsetof(Entry, address) == 8 && offsetof(Entry, type) == 24);

[[noreturn]] void refuse(std::size_t offset, const std::string& what) {
  throw base::Error(base::Kind::malformed, "TDVF metadata+" + base::hex_number(offset) + ": " + what);
}

std::string name_of(const TdvfSection& section) {
  static constexpr std::array names{"BFV", "CFV", "TD_HOB", "TEMP_MEM"};
  return std::string(names.at(static_cast<std::size_t>(section.type))) + " section " +
         base::hex_number(section.address.value);
}

void check_memory(const TdvfSection& section, std::size_t offset) {
  if (section.address.value % page != 0 || section.size % page != 0 || section.size == 0)
    refuse(offset + 8, name_of(section) + " of " + base::hex_number(section.size) + " bytes, wanted whole pages");
  if (section.address.value >= four_gib || section.size > four_gib - section.address.value)
    refuse(offset + 8, name_of(section) + " of " + base::hex_number(section.size) + " bytes ends above 4 GiB");
}

void check_data(const TdvfSection& section, base::Bytes firmware, std::size_t offset) {
  if (section.raw_size > section.size)
    refuse(offset + 4, name_of(section) + " has " + base::hex_number(section.raw_size) +
                           " bytes of data, wanted at most " + base::hex_number(section.size));
  if (section.has_data() != (section.raw_size != 0))
    refuse(offset + 4, name_of(section) + " has " + base::hex_number(section.raw_size) + " bytes of data, wanted " +
                           (section.has_data() ? "some" : "none"));
  if (section.has_data() &&
      (section.data_offset > firmware.size() || section.size > firmware.size() - section.data_offset))
    refuse(offset, name_of(section) + " ends past the end of the firmware: " + base::hex_number(section.size) +
                       " bytes at " + base::hex_number(section.data_offset) + " of " +
                       base::hex_number(firmware.size()));
}

TdvfSection read_section(base::ByteReader& reader, base::Bytes firmware) {
  const std::size_t offset = reader.offset();
  const auto entry = reader.take<Entry>();
  const std::uint32_t type = entry.type.value(), attributes = entry.attributes.value();
  if (type > static_cast<std::uint32_t>(TdvfSectionType::temporary_memory))
    refuse(offset + 24, "section type " + base::hex_number(type) + ", wanted 0x0 to 0x3");
  if ((attributes & ~(mr_extend | page_aug)) != 0)
    refuse(offset + 28, "attributes " + base::hex_number(attributes) + ", wanted bits 0 and 1 only");
  TdvfSection section;
  section.data_offset = entry.data_offset.value();
  section.raw_size = entry.raw_size.value();
  section.address = {entry.address.value()};
  section.size = entry.size.value();
  section.type = TdvfSectionType{type};
  section.extended = (attributes & mr_extend) != 0;
  section.augmented = (attributes & page_aug) != 0;
  check_memory(section, offset);
  check_data(section, firmware, offset);
  return section;
}

void check_against(const TdvfSection& section, const std::vector<TdvfSection>& before, std::size_t offset) {
  std::uint64_t memory = section.size;
  for (const TdvfSection& other : before) {
    memory += other.size;
    if (section.address.value < other.address.value + other.size &&
        other.address.value < section.address.value + section.size)
      refuse(offset + 8, name_of(section) + " overlaps " + name_of(other));
    const bool once =
        section.type == TdvfSectionType::hand_off_block || section.type == TdvfSectionType::configuration_volume;
    if (once && other.type == section.type) refuse(offset + 24, name_of(section) + " is the second of its type");
  }
  if (memory > most_memory)
    refuse(offset + 16,
           "sections of " + base::hex_number(memory) + " bytes, wanted at most " + base::hex_number(most_memory));
}

base::ByteReader descriptor_reader(base::Bytes firmware) {
  const std::vector<FooterEntry> table = read_footer_table(firmware);
  const FooterEntry* const entry = find_footer_entry(table, tdx_metadata_guid);
  if (!entry)
    throw base::Error(base::Kind::failure,
                      "firmware: no TDVF metadata, so it cannot start a TD; install a build for Intel TDX "
                      "(Debian: package ovmf-inteltdx or ovmf, /usr/share/ovmf/OVMF.fd)");
  const auto distance =
      base::ByteReader("firmware footer entry " + entry->guid, entry->data, entry->offset).take<std::uint32_t>();
  if (distance > firmware.size())
    refuse(firmware.size(), "descriptor is " + base::hex_number(distance) + " bytes before the end, before the file");
  const std::size_t start = firmware.size() - distance;
  return {"TDVF metadata", firmware.subspan(start), start};
}

}  // namespace

std::vector<TdvfSection> read_tdvf(base::Bytes firmware) {
  base::ByteReader reader = descriptor_reader(firmware);
  const std::size_t start = reader.offset();
  const auto descriptor = reader.take<Descriptor>();
  const std::uint32_t count = descriptor.count.value();
  if (std::string_view(descriptor.signature.data(), 4) != "TDVF") refuse(start, "no 'TDVF' signature");
  if (descriptor.version.value() != 1)
    refuse(start + 8, "version " + std::to_string(descriptor.version.value()) + ", wanted 1");
  if (count < 2 || count > most_sections)
    refuse(start + 12, std::to_string(count) + " sections, wanted 2 to " + std::to_string(most_sections));
  if (descriptor.length.value() != sizeof(Descriptor) + sizeof(Entry) * count)
    refuse(start + 4,
           "length " + std::to_string(descriptor.length.value()) + ", wanted 16 + 32 * " + std::to_string(count));
  std::vector<TdvfSection> sections;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t offset = reader.offset();
    const TdvfSection section = read_section(reader, firmware);
    check_against(section, sections, offset);
    sections.push_back(section);
  }
  return sections;
}

}  // namespace measurement
