#include "measurement/ovmf.h"

#include <algorithm>
#include <set>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

constexpr std::string_view footer_guid = "96b582de-1fb2-45f7-baea-a366c55a082d";
constexpr std::size_t reset_vector_size = 32;
constexpr std::size_t entry_tail = 18;  // u16 length, GUID
constexpr std::size_t page = 4096;
constexpr std::size_t most_firmware = std::size_t{16} << 20U;
constexpr std::uint32_t hash_table_size = 176;
constexpr std::uint64_t four_gib = 1ULL << 32U;
constexpr std::uint32_t most_sections = 64;

[[noreturn]] void refuse(std::size_t offset, const std::string& what) {
  throw base::Error(base::Kind::malformed, "firmware+" + base::hex_number(offset) + ": " + what);
}

struct Tail {
  std::size_t length = 0;
  std::string guid;
};
Tail tail_before(base::Bytes firmware, std::size_t end) {
  base::ByteReader reader("firmware footer table", firmware.subspan(end - entry_tail, entry_tail), end - entry_tail);
  Tail tail;
  tail.length = reader.take<std::uint16_t>();
  tail.guid = base::guid_text(reader.take(16));
  return tail;
}

base::ByteReader reader_of(const FooterEntry& entry) {
  return {"firmware footer entry " + entry.guid, entry.data, entry.offset};
}

/// QEMU takes no table without an address or too small for it (target/i386/sev.c, sev_add_kernel_loader_hashes()).
std::optional<HashTable> hash_table(const FooterEntry& entry) {
  base::ByteReader reader = reader_of(entry);
  HashTable table;
  table.address = reader.take<std::uint32_t>();
  table.size = reader.take<std::uint32_t>();
  if (table.address == 0) return std::nullopt;
  if (table.size < hash_table_size)
    refuse(entry.offset + 4, "kernel hash table of " + base::hex_number(table.size) + " bytes, wanted at least " +
                                 base::hex_number(hash_table_size));
  return table;
}

SevBootBlocks boot_blocks(const std::vector<FooterEntry>& table) {
  SevBootBlocks found;
  if (const FooterEntry* hashes = find_footer_entry(table, sev_hash_table_guid)) found.hash_table = hash_table(*hashes);
  if (const FooterEntry* reset = find_footer_entry(table, sev_es_reset_guid))
    found.reset_address = reader_of(*reset).take<std::uint32_t>();
  return found;
}

void check_section(const SevSection& section, const std::vector<SevSection>& before, base::Bytes firmware,
                   std::size_t offset) {
  if (section.gpa % page != 0 || section.size % page != 0 || section.size == 0)
    refuse(offset, "SEV section " + base::hex_number(section.gpa) + " of " + base::hex_number(section.size) +
                       " bytes, wanted whole pages");
  if (std::uint64_t{section.gpa} + section.size > four_gib - firmware.size())
    refuse(offset, "SEV section " + base::hex_number(section.gpa) + " reaches into the firmware");
  for (const SevSection& other : before)
    if (std::uint64_t{section.gpa} < std::uint64_t{other.gpa} + other.size &&
        std::uint64_t{other.gpa} < std::uint64_t{section.gpa} + section.size)
      refuse(offset, "SEV section " + base::hex_number(section.gpa) + " overlaps " + base::hex_number(other.gpa));
  const bool one_page = section.type == SevSectionType::secrets || section.type == SevSectionType::cpuid ||
                        section.type == SevSectionType::kernel_hashes;
  if (one_page && section.size != page)
    refuse(offset, "SEV section " + base::hex_number(section.gpa) + " has " + base::hex_number(section.size) +
                       " bytes, wanted 0x1000");
}

SevSectionType section_type(std::uint32_t type, std::size_t offset) {
  switch (type) {
    case 1:
    case 2:
    case 3:
    case 4:
    case 0x10:
      return SevSectionType{type};
    default:
      refuse(offset, "SEV section type " + base::hex_number(type) + ", wanted 0x1 to 0x4 or 0x10");
  }
}

std::vector<SevSection> read_sections(base::Bytes firmware, std::uint32_t distance) {
  if (distance > firmware.size())
    refuse(firmware.size(), "SEV metadata is " + base::hex_number(distance) + " bytes before the end, before the file");
  const std::size_t start = firmware.size() - distance;
  base::ByteReader header("SEV metadata", firmware.subspan(start), start);
  if (base::text_of(header.take(4)) != "ASEV") refuse(start, "SEV metadata has no 'ASEV' signature");
  const auto length = header.take<std::uint32_t>();
  const auto version = header.take<std::uint32_t>();
  const auto count = header.take<std::uint32_t>();
  if (version != 1) refuse(start + 8, "SEV metadata version " + std::to_string(version) + ", wanted 1");
  if (count > most_sections || length != 16 + 12 * count)
    refuse(start + 4, "SEV metadata length " + std::to_string(length) + ", wanted 16 + 12 * " + std::to_string(count));
  std::vector<SevSection> sections;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t offset = header.offset();
    SevSection section;
    section.gpa = header.take<std::uint32_t>();
    section.size = header.take<std::uint32_t>();
    section.type = section_type(header.take<std::uint32_t>(), offset + 8);
    check_section(section, sections, firmware, offset);
    sections.push_back(section);
  }
  return sections;
}

}  // namespace

std::vector<FooterEntry> read_footer_table(base::Bytes firmware) {
  if (firmware.size() < reset_vector_size + entry_tail) refuse(0, "too small for a GUID table");
  if (firmware.size() > most_firmware) refuse(0, "firmware is larger than 16 MiB");
  std::size_t at = firmware.size() - reset_vector_size;
  const Tail footer = tail_before(firmware, at);
  if (footer.guid != footer_guid) refuse(at - 16, "no GUID table at the end: not an OVMF image with a reset vector");
  if (footer.length < entry_tail || footer.length > at)
    refuse(at - entry_tail, "GUID table length " + std::to_string(footer.length) + " is outside the file");
  const std::size_t start = at - footer.length;
  at -= entry_tail;
  std::vector<FooterEntry> table;
  std::set<std::string> seen;
  while (at != start) {
    if (at - start < entry_tail) refuse(at, "GUID table entry crosses the start of the table");
    Tail tail = tail_before(firmware, at);
    if (tail.length < entry_tail || tail.length > at - start)
      refuse(at - entry_tail,
             "GUID table entry length " + std::to_string(tail.length) + ", wanted 18 to " + std::to_string(at - start));
    if (!seen.insert(tail.guid).second) refuse(at - 16, "GUID " + tail.guid + " occurs twice in the table");
    const std::size_t offset = at - tail.length;
    table.push_back({std::move(tail.guid), firmware.subspan(offset, tail.length - entry_tail), offset});
    at = offset;
  }
  return table;
}

const FooterEntry* find_footer_entry(const std::vector<FooterEntry>& table, std::string_view guid) {
  const auto found = std::find_if(table.begin(), table.end(), [guid](const FooterEntry& e) { return e.guid == guid; });
  return found == table.end() ? nullptr : &*found;
}

SevFirmware read_sev_firmware(base::Bytes firmware) {
  const std::vector<FooterEntry> table = read_footer_table(firmware);
  const FooterEntry* metadata = find_footer_entry(table, sev_metadata_guid);
  if (!metadata)
    throw base::Error(base::Kind::failure,
                      "firmware: no SEV metadata, so it cannot start an SNP guest; install a build for AMD SEV-SNP "
                      "(Debian: package ovmf-amdsev, /usr/share/ovmf/OVMF.amdsev.fd)");
  return {read_sections(firmware, reader_of(*metadata).take<std::uint32_t>()), boot_blocks(table)};
}

SevBootBlocks read_sev_boot_blocks(base::Bytes firmware) {
  return boot_blocks(read_footer_table(firmware));
}

void check_firmware_size(base::Bytes firmware) {
  if (!firmware.empty() && firmware.size() % page == 0 && firmware.size() <= most_firmware) return;
  throw base::Error(base::Kind::malformed, "firmware: got " + std::to_string(firmware.size()) +
                                               " bytes, wanted whole 4096-byte pages, at most 16 MiB");
}

void check_vcpus(unsigned vcpus, const SevBootBlocks& boot) {
  if (vcpus == 0 || vcpus > most_vcpus)
    throw base::Error(base::Kind::malformed,
                      "vCPUs: got " + std::to_string(vcpus) + ", wanted 1 to " + std::to_string(most_vcpus));
  if (vcpus > 1 && !boot.reset_address)
    throw base::Error(base::Kind::failure, "firmware: no SEV-ES reset block, so it can start one vCPU only, wanted " +
                                               std::to_string(vcpus));
}

}  // namespace measurement
