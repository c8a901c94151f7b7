#pragma once
#include <string>
#include <vector>

#include "base/bytes.h"

namespace measurement::testing_pe {

struct Part {
  std::string name;
  std::string data;
  std::uint32_t virtual_size = 0;  ///< 0: that of the data
};

inline void put(base::Buffer& to, std::size_t at, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
}

/// A PE32+ image of nothing but sections, each at a multiple of 512 bytes.
inline base::Buffer image(const std::vector<Part>& parts) {
  constexpr std::size_t pe = 0x40, optional = pe + 24, optional_size = 240, table = optional + optional_size;
  const std::size_t headers = (table + 40 * parts.size() + 511) / 512 * 512;
  base::Buffer bytes(headers);
  put(bytes, 0, 0x5a4d, 2);
  put(bytes, 0x3c, pe, 4);
  put(bytes, pe, 0x4550, 4);
  put(bytes, pe + 6, parts.size(), 2);
  put(bytes, pe + 20, optional_size, 2);
  put(bytes, optional, 0x20b, 2);
  put(bytes, optional + 60, headers, 4);
  put(bytes, optional + 108, 16, 4);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t entry = table + 40 * i;
    for (std::size_t c = 0; c < parts[i].name.size(); ++c)
      bytes[entry + c] = static_cast<std::uint8_t>(parts[i].name[c]);
    const std::uint32_t size = static_cast<std::uint32_t>(parts[i].data.size());
    put(bytes, entry + 8, parts[i].virtual_size != 0 ? parts[i].virtual_size : size, 4);
    put(bytes, entry + 16, (size + 511) / 512 * 512, 4);
    put(bytes, entry + 20, bytes.size(), 4);
    base::append(bytes, base::bytes_of(parts[i].data));
    bytes.resize((bytes.size() + 511) / 512 * 512);
  }
  return bytes;
}

inline Part magic(const std::string& version) {
  return {".sdmagic", "#### LoaderInfo: systemd-stub " + version + " ####" + '\0'};
}

}  // namespace measurement::testing_pe
