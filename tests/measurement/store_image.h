#pragma once
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "measurement/secure_boot.h"

namespace measurement::testing_store {

/// The value, least significant byte first, in as many bytes as asked for.
inline void put(base::Buffer& to, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i, value >>= 8U) to.push_back(static_cast<std::uint8_t>(value));
}

inline base::Buffer variable(std::string_view guid, std::string_view name, base::Bytes data,
                             std::uint8_t state = 0x3f) {
  base::Buffer bytes;
  put(bytes, 0x55aa, 2);
  put(bytes, state, 2);
  put(bytes, 0x27, 4);
  put(bytes, 0, 8 + 16 + 4);
  base::Buffer wide = base::utf16le(name);
  put(wide, 0, 2);
  put(bytes, wide.size(), 4);
  put(bytes, data.size(), 4);
  base::append(bytes, base::guid_bytes(guid));
  base::append(bytes, wide);
  base::append(bytes, data);
  while (bytes.size() % 4 != 0) bytes.push_back(0xff);
  return bytes;
}

/// A VARS file: volume header with one block map entry, store header, the variables, erased flash.
inline base::Buffer store_image(const std::vector<base::Buffer>& variables) {
  constexpr std::size_t volume_size = 0x2000, header_size = 72, store_size = 0x1800;
  base::Buffer image(16, 0);
  base::append(image, base::guid_bytes("fff12b8d-7696-4c8b-a985-2747075b4f50"));
  put(image, volume_size, 8);
  base::append(image, base::bytes_of("_FVH"));
  put(image, 0x4feff, 4);
  put(image, header_size, 2);
  put(image, 0, 2 + 2 + 1);
  put(image, 2, 1);
  put(image, 0, header_size - image.size());
  base::append(image, base::guid_bytes("aaf32c78-947b-439a-a180-2e144ec37792"));
  put(image, store_size, 4);
  put(image, 0xfe5a, 2);
  put(image, 0, 6);
  for (const base::Buffer& one : variables) base::append(image, one);
  image.resize(volume_size, 0xff);
  return image;
}

}  // namespace measurement::testing_store
