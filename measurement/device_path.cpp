#include "measurement/device_path.h"

#include "base/byte_reader.h"
#include "base/encoding.h"

namespace measurement {
namespace {

struct Node {
  unsigned type = 0, subtype = 0;
  base::Bytes data;
};

constexpr unsigned hardware = 1, acpi = 2, media = 4, end_of_path = 0x7f;

std::string without_nul(std::string text) {
  text.erase(std::min(text.find('\0'), text.size()));
  return text;
}

std::string hardware_text(const Node& node) {
  if (node.subtype == 1 && node.data.size() == 2)
    return "Pci(" + base::hex_number(node.data[1]) + "," + base::hex_number(node.data[0]) + ")";
  if (node.subtype == 3 && node.data.size() == 20) {
    base::ByteReader reader("memory node", node.data);
    reader.skip(4);
    const auto start = reader.take<std::uint64_t>();
    const auto end = reader.take<std::uint64_t>();
    return "MemoryMapped(" + base::hex_number(start) + "," + base::hex_number(end) + ")";
  }
  return "";
}

std::string hard_drive_text(base::Bytes data) {
  constexpr std::uint8_t guid_signature = 2;
  base::ByteReader reader("hard drive node", data);
  const auto partition = reader.take<std::uint32_t>();
  reader.skip(16);
  const base::Bytes signature = reader.take(16);
  reader.skip(1);
  const bool guid = reader.take<std::uint8_t>() == guid_signature;
  return "HD(" + std::to_string(partition) + (guid ? ",GPT," + base::guid_text(signature) : ",MBR") + ")";
}

std::string media_text(const Node& node) {
  switch (node.subtype) {
    case 1:
      return node.data.size() == 38 ? hard_drive_text(node.data) : "";
    case 3:
      return node.data.size() >= 16 ? "VenMedia(" + base::guid_text(node.data.first(16)) + ")" : "";
    case 4:
      return "File(" + without_nul(base::from_utf16le(node.data)) + ")";
    case 6:
      return node.data.size() == 16 ? "FvFile(" + base::guid_text(node.data) + ")" : "";
    case 7:
      return node.data.size() == 16 ? "Fv(" + base::guid_text(node.data) + ")" : "";
    default:
      return "";
  }
}

std::string node_text(const Node& node) {
  std::string text;
  if (node.type == hardware) text = hardware_text(node);
  if (node.type == acpi && node.subtype == 1 && node.data.size() == 8)
    text =
        "PciRoot(" + base::hex_number(base::ByteReader("ACPI node", node.data.subspan(4)).take<std::uint32_t>()) + ")";
  if (node.type == media) text = media_text(node);
  if (!text.empty()) return text;
  return "Path(" + std::to_string(node.type) + "," + std::to_string(node.subtype) + "," + base::hex(node.data) + ")";
}

}  // namespace

std::string device_path_text(base::Bytes path) {
  constexpr std::size_t header_size = 4;
  std::string text;
  while (path.size() >= header_size && path[0] != end_of_path) {
    const std::size_t length = path[2] | (std::size_t{path[3]} << 8U);
    if (length < header_size || length > path.size()) return text + (text.empty() ? "" : "/") + "(damaged)";
    const Node node{path[0], path[1], path.subspan(header_size, length - header_size)};
    text += (text.empty() ? "" : "/") + node_text(node);
    path = path.subspan(length);
  }
  return text;
}

}  // namespace measurement
