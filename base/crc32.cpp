#include "base/crc32.h"

namespace base {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1U) ^ ((value & 1U) != 0 ? 0xedb88320U : 0U);
    table[i] = value;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> table = make_table();

}  // namespace

std::uint32_t crc32(Bytes bytes, std::uint32_t before) noexcept {
  std::uint32_t value = ~before;
  for (const std::uint8_t byte : bytes) value = (value >> 8U) ^ table[(value ^ byte) & 0xffU];
  return ~value;
}

}  // namespace base
