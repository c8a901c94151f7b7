#include "measurement/pe_image.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/byte_reader.h"

namespace measurement {
namespace {

constexpr std::size_t checksum_at = 64;
constexpr std::size_t certificate_entry = 4;
constexpr std::size_t directory_entry_size = 8;

struct SectionHeader {
  std::array<std::uint8_t, 8> name;
  base::le32 virtual_size, virtual_address, raw_size, raw_pointer;
  std::array<std::uint8_t, 16> rest;
};
static_assert(sizeof(SectionHeader) == 40);

struct Section {
  std::size_t pointer = 0, size = 0;
  std::uint32_t virtual_size = 0;
  std::string name;
};

struct Headers {
  std::size_t checksum = 0;                                  ///< file offset of the 4-byte CheckSum
  std::optional<std::size_t> certificate;                    ///< file offset of the certificate directory entry
  std::size_t certificate_offset = 0, certificate_size = 0;  ///< the table of certificates in the file
  std::size_t headers_size = 0;
  std::vector<Section> sections;  ///< in the order of the table
};

std::size_t pe_header_offset(base::Bytes image) {
  base::ByteReader dos("DOS header", image);
  if (dos.take<std::uint16_t>() != 0x5a4d) dos.fail("got no 'MZ' at the start, wanted a PE image");
  dos.skip(0x3a);
  const std::size_t offset = dos.take<std::uint32_t>();
  if (offset > image.size()) dos.fail("PE header offset " + base::hex_number(offset) + " is past the end of the file");
  return offset;
}

std::vector<Section> read_sections(base::ByteReader& reader, std::size_t count, std::size_t file_size) {
  std::vector<Section> sections;
  for (std::size_t i = 0; i < count; ++i) {
    const auto header = reader.take<SectionHeader>();
    Section section{header.raw_pointer.value(), header.raw_size.value(), header.virtual_size.value(),
                    base::text_of(header.name)};
    section.name.erase(std::min(section.name.find('\0'), section.name.size()));
    if (section.size == 0) section.pointer = 0;
    if (section.pointer > file_size || section.size > file_size - section.pointer)
      reader.fail("section " + std::to_string(i) + " ends past the end of the file");
    sections.push_back(std::move(section));
  }
  return sections;
}

void read_optional_header(base::Bytes image, std::size_t start, std::size_t size, Headers& headers) {
  base::ByteReader reader("PE optional header", image.subspan(start, size), start);
  const auto magic = reader.take<std::uint16_t>();
  if (magic != 0x10b && magic != 0x20b) reader.fail("magic is " + base::hex_number(magic) + ", wanted 0x10b or 0x20b");
  reader.skip(58);
  headers.headers_size = reader.take<std::uint32_t>();
  headers.checksum = start + checksum_at;
  reader.skip(magic == 0x20b ? 44 : 28);
  const auto directories = reader.take<std::uint32_t>();
  if (directories <= certificate_entry) return;
  reader.skip(certificate_entry * directory_entry_size);
  headers.certificate = reader.offset();
  headers.certificate_offset = reader.take<std::uint32_t>();
  headers.certificate_size = reader.take<std::uint32_t>();
}

Headers read_headers(base::Bytes image) {
  const std::size_t pe = pe_header_offset(image);
  base::ByteReader reader("PE header", image.subspan(pe), pe);
  if (reader.take<std::uint32_t>() != 0x4550) reader.fail("got no 'PE' signature");
  reader.skip(2);
  const std::size_t section_count = reader.take<std::uint16_t>();
  reader.skip(12);
  const std::size_t optional_size = reader.take<std::uint16_t>();
  reader.skip(2);
  const std::size_t optional_start = reader.offset();
  reader.skip(optional_size);
  Headers headers;
  read_optional_header(image, optional_start, optional_size, headers);
  headers.sections = read_sections(reader, section_count, image.size());
  const std::size_t least = headers.certificate ? *headers.certificate + directory_entry_size : headers.checksum + 4;
  if (headers.headers_size < least || headers.headers_size > image.size())
    reader.fail("SizeOfHeaders is " + base::hex_number(headers.headers_size) + ", wanted " + base::hex_number(least) +
                " to " + base::hex_number(image.size()));
  return headers;
}

}  // namespace

std::vector<PeSection> pe_sections(base::Bytes image) {
  std::vector<PeSection> sections;
  for (Section& section : read_headers(image).sections)
    sections.push_back({std::move(section.name), section.virtual_size, image.subspan(section.pointer, section.size)});
  return sections;
}

std::vector<base::Bytes> pe_signatures(base::Bytes image) {
  constexpr std::size_t header_size = 8, alignment = 8;
  constexpr std::uint16_t signed_data = 2;
  const Headers headers = read_headers(image);
  std::vector<base::Bytes> signatures;
  if (headers.certificate_size == 0) return signatures;
  base::ByteReader reader("PE certificate table", image);
  reader.skip(headers.certificate_offset);
  base::ByteReader table("PE certificate table", reader.take(headers.certificate_size), headers.certificate_offset);
  while (table.left() >= header_size) {
    const std::size_t size = table.take<std::uint32_t>();
    table.skip(2);  // revision
    const auto type = table.take<std::uint16_t>();
    if (size < header_size) table.fail("entry of " + std::to_string(size) + " bytes");
    const base::Bytes data = table.take(size - header_size);
    if (type == signed_data) signatures.push_back(data);
    table.skip(std::min<std::size_t>(-size % alignment, table.left()));
  }
  return signatures;
}

BankDigests authenticode_digests(base::Bytes image) {
  Headers headers = read_headers(image);
  std::stable_sort(headers.sections.begin(), headers.sections.end(),
                   [](const Section& a, const Section& b) { return a.pointer < b.pointer; });
  const auto part = [&](std::size_t from, std::size_t to) { return image.subspan(from, to - from); };
  std::vector<base::Bytes> parts{part(0, headers.checksum)};
  std::size_t at = headers.checksum + 4;
  if (headers.certificate) {
    parts.push_back(part(at, *headers.certificate));
    at = *headers.certificate + directory_entry_size;
  }
  parts.push_back(part(at, headers.headers_size));
  std::size_t hashed = headers.headers_size;
  for (const Section& section : headers.sections) {
    parts.push_back(image.subspan(section.pointer, section.size));
    hashed += section.size;
  }
  if (headers.certificate_size > image.size() || hashed > image.size() - headers.certificate_size) {
    base::ByteReader("PE image", image)
        .fail("headers, sections and certificates have " + std::to_string(hashed) + "+" +
              std::to_string(headers.certificate_size) + " bytes, the file only " + std::to_string(image.size()));
  }
  parts.push_back(part(hashed, image.size() - headers.certificate_size));
  return digests_of(parts);
}

}  // namespace measurement
