#pragma once
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/crc32.h"
#include "measurement/igvm.h"
#include "measurement/save_area.h"

namespace measurement {

/// Puts IGVM files together for tests: headers one after the other, then the data they refer to.
class IgvmBuilder {
 public:
  static constexpr std::uint64_t vmsa_gpa = 0xfffffffff000;

  IgvmBuilder& platform(std::uint32_t mask, IgvmPlatformType type, std::uint8_t vtl = 0) {
    base::Buffer body;
    put(body, mask, 4), put(body, vtl, 1), put(body, static_cast<std::uint8_t>(type), 1), put(body, 1, 2);
    put(body, 0, 8);
    return header(0x1, body);
  }
  IgvmBuilder& policy(std::uint64_t policy, std::uint32_t mask = 1) {
    base::Buffer body;
    put(body, policy, 8), put(body, mask, 4), put(body, 0, 4);
    return header(0x101, body);
  }
  IgvmBuilder& area(std::uint32_t index, std::uint64_t size) {
    base::Buffer body;
    put(body, size, 8), put(body, index, 4), put(body, 0, 4);
    return header(0x301, body);
  }
  IgvmBuilder& parameter(std::uint32_t type, std::uint32_t area, std::uint32_t offset) {
    base::Buffer body;
    put(body, area, 4), put(body, offset, 4);
    return header(type, body);
  }
  IgvmBuilder& insert(std::uint64_t gpa, std::uint32_t index, std::uint32_t mask = 1) {
    base::Buffer body;
    put(body, gpa, 8), put(body, mask, 4), put(body, index, 4);
    return header(0x303, body);
  }
  struct Page {
    std::optional<base::Buffer> data = std::nullopt;  ///< absent: zeros
    std::uint32_t flags = 0;
    std::uint16_t type = 0;
    std::uint32_t mask = 1;
  };
  IgvmBuilder& page(std::uint64_t gpa, const Page& page) {
    base::Buffer body;
    put(body, gpa, 8), put(body, page.mask, 4), put(body, 0, 4);
    put(body, page.flags, 4), put(body, page.type, 2), put(body, 0, 2);
    return header(0x302, body, page.data);
  }
  IgvmBuilder& context(std::uint16_t index, const base::Buffer& save_area, std::uint32_t mask = 1,
                       std::uint64_t gpa = vmsa_gpa) {
    base::Buffer body;
    put(body, gpa, 8), put(body, mask, 4), put(body, 0, 4);
    put(body, index, 2), put(body, 0, 2);
    return header(0x304, body, save_area);
  }
  /// @param data goes to the end of the file; its offset is put at byte 12 of `body`
  IgvmBuilder& header(std::uint32_t type, const base::Buffer& body,
                      const std::optional<base::Buffer>& data = std::nullopt) {
    headers_.push_back({type, body, data});
    return *this;
  }

  [[nodiscard]] base::Buffer build() const {
    std::uint64_t end = 24;
    for (const Header& header : headers_) end += 8 + padded(header.body.size());
    base::Buffer variable, data;
    for (const Header& header : headers_) {
      base::Buffer body = header.body;
      if (header.data) {
        base::Buffer offset;
        put(offset, end + data.size(), 4);
        std::copy(offset.begin(), offset.end(), body.begin() + 12);
        base::append(data, *header.data);
      }
      put(variable, header.type, 4), put(variable, body.size(), 4);
      body.resize(padded(body.size()));
      base::append(variable, body);
    }
    base::Buffer file;
    for (const std::uint64_t word : {std::uint64_t{0x4d564749}, std::uint64_t{1}, std::uint64_t{24},
                                     std::uint64_t{variable.size()}, end + data.size(), std::uint64_t{0}})
      put(file, word, 4);
    base::append(file, variable);
    base::append(file, data);
    return with_crc(std::move(file));
  }

  /// The file with the checksum its headers ask for.
  static base::Buffer with_crc(base::Buffer file) {
    const std::size_t end = std::min<std::size_t>(file.size(), 24U + number(file, 12));
    std::fill_n(file.begin() + 20, 4, 0);
    base::Buffer crc;
    put(crc, base::crc32(base::Bytes(file).first(end)), 4);
    std::copy(crc.begin(), crc.end(), file.begin() + 20);
    return file;
  }

  static void put(base::Buffer& to, std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }

 private:
  struct Header {
    std::uint32_t type;
    base::Buffer body;
    std::optional<base::Buffer> data;
  };
  static std::size_t padded(std::size_t size) { return (size + 7) / 8 * 8; }
  static std::uint32_t number(const base::Buffer& file, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8U | file[at + i];
    return value;
  }

  std::vector<Header> headers_;
};

/// The page contents of the shared fixtures: no two pages and no two bytes beside each other are equal.
inline base::Buffer pattern_page(std::uint32_t seed) {
  base::Buffer page(4096);
  for (std::size_t i = 0; i < page.size(); ++i) page[i] = static_cast<std::uint8_t>(i * 7 + seed * 13 + i / 256);
  return page;
}

/// The save area of the shared fixtures. @param features 1 for SNP, 0 for SEV-ES
inline base::Buffer fixture_save_area(std::uint64_t features = 1) {
  SaveArea area{};
  area.es = area.ss = area.ds = area.fs =
      area.gs = {std::uint16_t{16}, std::uint16_t{0xc93}, 0xffffffffU, std::uint64_t{0}};
  area.cs = {std::uint16_t{8}, std::uint16_t{0xc9b}, 0xffffffffU, std::uint64_t{0}};
  area.efer = std::uint64_t{0x1000};
  area.cr4 = std::uint64_t{0x60};
  area.cr0 = std::uint64_t{0x31};
  area.rflags = std::uint64_t{2};
  area.rip = std::uint64_t{0x10000};
  area.rsp = std::uint64_t{0x9ff0};
  area.rax = std::uint64_t{1};
  area.g_pat = std::uint64_t{0x0007040600070406};
  area.sev_features = features;
  area.xcr0 = std::uint64_t{1};
  return base::buffer_of(base::layout_bytes(area));
}

}  // namespace measurement
