#include "measurement/smbios.h"

#include <algorithm>
#include <vector>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace measurement {
namespace {

struct Header {
  std::uint8_t type, length;
  base::le16 handle;
};
static_assert(sizeof(Header) == 4);

constexpr std::uint8_t bios_information = 0, processor_information = 4, end_of_table = 127, first_oem_type = 128;
constexpr std::size_t processor_id_offset = 8;
constexpr std::size_t most_bytes = std::size_t{1} << 20U;

/// What edk2 blanks: a number becomes zeros; so does the index of a string, whose text becomes spaces.
enum class Kind { number, string };
struct Field {
  std::uint8_t type, offset, size;
  Kind kind;
};
constexpr std::array fields{
    Field{1, 0x07, 1, Kind::string},  // system: serial number, UUID, wake-up type
    Field{1, 0x08, 16, Kind::number},
    Field{1, 0x18, 1, Kind::number},
    Field{2, 0x07, 1, Kind::string},  // baseboard: serial number, location in chassis
    Field{2, 0x0a, 1, Kind::string},
    Field{3, 0x07, 1, Kind::string},  // chassis: serial number, asset tag
    Field{3, 0x08, 1, Kind::string},
    Field{4, 0x20, 1, Kind::string},  // processor: serial number, asset tag, part number, counts, voltage, speed
    Field{4, 0x21, 1, Kind::string},
    Field{4, 0x22, 1, Kind::string},
    Field{4, 0x23, 1, Kind::number},
    Field{4, 0x24, 1, Kind::number},
    Field{4, 0x25, 1, Kind::number},
    Field{4, 0x2a, 2, Kind::number},
    Field{4, 0x2c, 2, Kind::number},
    Field{4, 0x2e, 2, Kind::number},
    Field{4, 0x11, 1, Kind::number},
    Field{4, 0x16, 2, Kind::number},
    Field{17, 0x18, 1, Kind::string},  // memory device: serial number, asset tag, part number
    Field{17, 0x19, 1, Kind::string},
    Field{17, 0x1a, 1, Kind::string},
    Field{22, 0x07, 1, Kind::string},  // battery: serial numbers, date
    Field{22, 0x10, 2, Kind::number},
    Field{22, 0x12, 2, Kind::number},
    Field{23, 0x05, 2, Kind::number},  // reset count
    Field{27, 0x0c, 2, Kind::number},  // cooling device: speed
    Field{39, 0x08, 1, Kind::string},  // power supply: serial number, asset tag, part number
    Field{39, 0x09, 1, Kind::string},
    Field{39, 0x0a, 1, Kind::string},
};
constexpr std::array<std::uint8_t, 5> blank_types{0x0b, 0x0f, 0x12, 0x1f, 0x21};

// Strings follow the formatted part, each ended by NUL, all of them by another; without any there are two NULs.
std::size_t strings_end(base::Bytes table, std::size_t at, std::size_t start) {
  for (std::size_t i = at; i + 1 < table.size(); ++i)
    if (table[i] == 0 && table[i + 1] == 0) return i + 2;
  throw base::Error(base::Kind::malformed,
                    "SMBIOS+" + base::hex_number(start) + ": strings have no end, wanted two zero bytes");
}

base::Buffer firmware_structures(const BiosStrings& bios, bool with_bios_information) {
  base::Buffer bytes;
  if (with_bios_information) {
    bytes = {0, 26, 0, 0, 1, 2, 0, 0xe8, 3, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0x1c, 0, 0, 0xff, 0xff, 0, 0};
    for (const std::string* text : {&bios.vendor, &bios.version, &bios.date}) {
      base::append(bytes, base::bytes_of(*text));
      bytes.push_back(0);
    }
    bytes.push_back(0);
  }
  static constexpr std::array<std::uint8_t, 6> end{end_of_table, 4, 0xff, 0xfe, 0, 0};
  base::append(bytes, end);
  return bytes;
}

void blank_string(base::Buffer& table, const SmbiosStructure& structure, unsigned index) {
  auto at = table.begin() + static_cast<std::ptrdiff_t>(structure.offset + structure.length);
  const auto end = table.begin() + static_cast<std::ptrdiff_t>(structure.offset + structure.size);
  for (unsigned i = 1; i < index && at != end && *at != 0; ++i) at = std::find(at, end, 0) + 1;
  if (at == end || *at == 0)
    throw base::Error(base::Kind::malformed, "SMBIOS+" + base::hex_number(structure.offset) + ": no string " +
                                                 std::to_string(index) + " in type " + std::to_string(structure.type));
  std::fill(at, std::find(at, end, 0), ' ');
}

void blank(base::Buffer& table, const SmbiosStructure& structure) {
  const std::size_t start = structure.offset;
  const auto from = [&table](std::size_t at) { return table.begin() + static_cast<std::ptrdiff_t>(at); };
  if (structure.type >= first_oem_type ||
      std::find(blank_types.begin(), blank_types.end(), structure.type) != blank_types.end()) {
    std::fill(from(start + sizeof(Header)), from(start + structure.size), std::uint8_t{0});
    return;
  }
  for (const Field& field : fields) {
    if (field.type != structure.type || field.offset + field.size > structure.length) continue;
    const std::uint8_t index = table[start + field.offset];
    if (field.kind == Kind::string && index != 0) blank_string(table, structure, index);
    std::fill_n(from(start + field.offset), field.size, std::uint8_t{0});
  }
}

}  // namespace

std::vector<SmbiosStructure> smbios_structures(base::Bytes table) {
  if (table.size() > most_bytes)
    throw base::Error(base::Kind::malformed,
                      "SMBIOS+0x0: " + std::to_string(table.size()) + " bytes, wanted at most 1 MiB");
  std::vector<SmbiosStructure> structures;
  for (std::size_t at = 0; at < table.size();) {
    base::ByteReader reader("SMBIOS", table.subspan(at), at);
    const auto header = reader.take<Header>();
    if (header.length < sizeof(Header)) reader.fail("structure of " + std::to_string(header.length) + " bytes");
    reader.skip(header.length - sizeof(Header));
    structures.push_back({header.type, header.length, at, strings_end(table, at + header.length, at) - at});
    at += structures.back().size;
    if (header.type == end_of_table) break;
  }
  if (structures.empty() || structures.back().type != end_of_table)
    throw base::Error(base::Kind::malformed,
                      "SMBIOS+" + base::hex_number(table.size()) + ": no end-of-table structure (type 127)");
  return structures;
}

std::optional<ProcessorId> processor_id(std::string_view text) {
  const std::optional<base::Buffer> bytes = base::from_hex(text);
  ProcessorId id{};
  if (!bytes || bytes->size() != id.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), id.begin());
  return id;
}

base::Buffer measured_smbios(base::Bytes tables, const BiosStrings& bios, const std::optional<ProcessorId>& processor) {
  const std::vector<SmbiosStructure> given = smbios_structures(tables);
  const bool has_type_0 = std::any_of(
      given.begin(), given.end(), [](const SmbiosStructure& structure) { return structure.type == bios_information; });
  base::Buffer published = base::buffer_of(tables.first(given.back().offset));
  base::append(published, firmware_structures(bios, !has_type_0));
  for (const SmbiosStructure& structure : smbios_structures(published)) {
    if (processor && structure.type == processor_information &&
        structure.length >= processor_id_offset + processor->size())
      std::copy(processor->begin(), processor->end(),
                published.begin() + static_cast<std::ptrdiff_t>(structure.offset + processor_id_offset));
    blank(published, structure);
  }
  return published;
}

}  // namespace measurement
