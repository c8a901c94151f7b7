#pragma once
#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/encoding.h"
#include "measurement/ovmf.h"

/// OVMF as far as SEV looks at it, made of nothing but its tables.
namespace measurement::firmware_image {

inline void put(base::Buffer& to, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

struct Entry {
  std::string_view guid;
  std::uint32_t word;
  std::optional<std::uint32_t> second_word = std::nullopt;
  [[nodiscard]] std::size_t length() const { return second_word ? 26 : 22; }
};

inline void put_guid(base::Buffer& to, std::size_t at, std::string_view guid) {
  const auto bytes = base::guid_bytes(guid);
  std::copy(bytes.begin(), bytes.end(), to.begin() + static_cast<std::ptrdiff_t>(at));
}

/// 8 KiB of firmware: SEV metadata of two sections at 0x1000, the GUID table before the last 32 bytes.
inline base::Buffer firmware(const std::vector<Entry>& entries = {{sev_metadata_guid, 0x1000},
                                                                  {sev_es_reset_guid, 0x80b004},
                                                                  {sev_hash_table_guid, 0x810c00, 0x400}}) {
  base::Buffer bytes(0x2000);
  std::copy_n("ASEV", 4, bytes.begin() + 0x1000);
  put(bytes, 0x1004, 16 + 24, 4);
  put(bytes, 0x1008, 1, 4);
  put(bytes, 0x100c, 2, 4);
  put(bytes, 0x1010, 0x800000, 4);
  put(bytes, 0x1014, 0x9000, 4);
  put(bytes, 0x1018, 1, 4);
  put(bytes, 0x101c, 0x810000, 4);
  put(bytes, 0x1020, 0x1000, 4);
  put(bytes, 0x1024, 0x10, 4);
  std::size_t at = bytes.size() - 32;
  put_guid(bytes, at - 16, "96b582de-1fb2-45f7-baea-a366c55a082d");
  std::size_t length = 18;
  for (const Entry& entry : entries) length += entry.length();
  put(bytes, at - 18, length, 2);
  at -= 18;
  for (const Entry& entry : entries) {
    put_guid(bytes, at - 16, entry.guid);
    put(bytes, at - 18, entry.length(), 2);
    put(bytes, at - entry.length(), entry.word, 4);
    if (entry.second_word) put(bytes, at - entry.length() + 4, *entry.second_word, 4);
    at -= entry.length();
  }
  return bytes;
}

}  // namespace measurement::firmware_image
