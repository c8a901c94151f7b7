#pragma once
#include <algorithm>
#include <string_view>
#include <vector>

#include "base/encoding.h"

namespace measurement::testing_files {

inline void put(base::Buffer& to, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// One section as the metadata has it.
struct TdvfEntry {
  std::uint64_t data_offset, raw_size, address, size, type, attributes;
};

inline constexpr std::size_t tdvf_descriptor = 0x2000, tdvf_entries = tdvf_descriptor + 16;

/// 12 KiB of firmware: two pages of pattern, the TDVF descriptor at 0x2000, the GUID table before the last 32 bytes.
/// With its four default sections it is the image of a unit test of aleph-vm, byte for byte where it is measured.
inline base::Buffer tdvf_image(const std::vector<TdvfEntry>& entries = {{0, 0x1000, 0xfffff000, 0x1000, 0, 1},
                                                                        {0x1000, 0x1000, 0xffffe000, 0x1000, 1, 1},
                                                                        {0, 0, 0x809000, 0x2000, 2, 0},
                                                                        {0, 0, 0x80b000, 0x1000, 3, 2}}) {
  base::Buffer bytes(0x3000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 13 + 5);
  std::copy_n("TDVF", 4, bytes.begin() + tdvf_descriptor);
  put(bytes, tdvf_descriptor + 4, 16 + 32 * entries.size(), 4);
  put(bytes, tdvf_descriptor + 8, 1, 4);
  put(bytes, tdvf_descriptor + 12, entries.size(), 4);
  std::size_t at = tdvf_entries;
  for (const TdvfEntry& entry : entries) {
    put(bytes, at, entry.data_offset, 4);
    put(bytes, at + 4, entry.raw_size, 4);
    put(bytes, at + 8, entry.address, 8);
    put(bytes, at + 16, entry.size, 8);
    put(bytes, at + 24, entry.type, 4);
    put(bytes, at + 28, entry.attributes, 4);
    at += 32;
  }
  const auto put_guid = [&bytes](std::size_t end, std::string_view guid, std::uint16_t length) {
    const auto raw = base::guid_bytes(guid);
    std::copy(raw.begin(), raw.end(), bytes.begin() + static_cast<std::ptrdiff_t>(end) - 16);
    put(bytes, end - 18, length, 2);
  };
  const std::size_t end = bytes.size() - 32;
  put_guid(end, "96b582de-1fb2-45f7-baea-a366c55a082d", 18 + 22);
  put_guid(end - 18, "e47a6535-984a-4798-865e-4685a7bf8ec2", 22);
  put(bytes, end - 18 - 22, bytes.size() - tdvf_descriptor, 4);
  return bytes;
}

}  // namespace measurement::testing_files
