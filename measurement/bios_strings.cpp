#include "measurement/bios_strings.h"

#include <algorithm>
#include <array>
#include <vector>

namespace measurement {
namespace {

// SMBIOS type 0 as OVMF has it before it fills the strings in; they follow in the same data section.
constexpr std::array<std::uint8_t, 26> structure{0, 26, 0, 0, 1, 2, 0,    0xe8, 3, 0,    8,    0, 0,
                                                 0, 0,  0, 0, 0, 0, 0x1c, 0,    0, 0xff, 0xff, 0, 0};
constexpr std::size_t window = 0x180;
constexpr std::size_t alignment = 16;

bool is_printable(base::Bytes bytes, std::size_t at) {
  return at + 1 < bytes.size() && bytes[at] >= 0x20 && bytes[at] < 0x7f && bytes[at + 1] == 0;
}

// Texts of UTF-16 that end with NUL. Compilers align an object of 16 bytes or more; what seems to stand before it is
// the tail of a padding instruction.
std::vector<std::string> texts_after(base::Bytes bytes) {
  std::vector<std::string> texts;
  for (std::size_t at = structure.size(); at + 1 < bytes.size(); at += 2) {
    std::size_t end = at;
    while (is_printable(bytes, end)) end += 2;
    const std::size_t aligned = (at + alignment - 1) / alignment * alignment;
    if (aligned + alignment <= end + 2) at = aligned;
    if (end - at < 4 || end + 1 >= bytes.size() || bytes[end] != 0 || bytes[end + 1] != 0) continue;
    std::string text;
    for (; at < end; at += 2) text += static_cast<char>(bytes[at]);
    texts.push_back(text);
  }
  return texts;
}

bool is_date(const std::string& text) {
  return text.size() == 10 && text[2] == '/' && text[5] == '/';
}

}  // namespace

std::optional<BiosStrings> find_bios_strings(base::Bytes volume) {
  const auto found = std::search(volume.begin(), volume.end(), structure.begin(), structure.end());
  if (found == volume.end()) return std::nullopt;
  const base::Bytes rest = volume.subspan(static_cast<std::size_t>(found - volume.begin()));
  std::vector<std::string> texts = texts_after(rest.first(std::min(rest.size(), window)));
  BiosStrings strings{"unknown", "unknown", "02/02/2022"};
  const auto date = std::find_if(texts.begin(), texts.end(), is_date);
  if (date != texts.end()) {
    strings.date = *date;
    texts.erase(date);
  }
  // The linker lays them out in reverse order: date, version, vendor.
  if (!texts.empty()) strings.vendor = texts.size() == 1 ? texts[0] : texts[1];
  if (texts.size() > 1) strings.version = texts[0];
  return strings;
}

}  // namespace measurement
