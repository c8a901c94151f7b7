#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace base {

/// Bytes somebody else owns.
using Bytes = std::span<const std::uint8_t>;
/// Bytes we own.
using Buffer = std::vector<std::uint8_t>;

/// The bytes of `text`, without a terminating NUL.
inline Bytes bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline Buffer buffer_of(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}
inline std::string text_of(Bytes bytes) {
  return {bytes.begin(), bytes.end()};
}

/// The object representation of a layout struct (made of Le<T> and byte arrays, so it has no padding).
template <typename Layout>
Bytes layout_bytes(const Layout& layout) noexcept {
  static_assert(std::is_trivially_copyable_v<Layout> && alignof(Layout) == 1, "layouts are byte-aligned");
  return {reinterpret_cast<const std::uint8_t*>(&layout), sizeof(Layout)};
}

inline void append(Buffer& to, Bytes from) {
  to.insert(to.end(), from.begin(), from.end());
}

/// An unsigned integer stored least significant byte first at any address.
template <typename T>
class Le {
 public:
  constexpr Le() = default;
  constexpr Le(T value) {  // NOLINT(google-explicit-constructor): a field is assigned its value
    for (std::size_t i = 0; i < sizeof(T); ++i) bytes_[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  [[nodiscard]] constexpr T value() const {
    T value = 0;
    for (std::size_t i = sizeof(T); i-- > 0;) value = static_cast<T>((value << 8U) | bytes_[i]);
    return value;
  }

 private:
  std::array<std::uint8_t, sizeof(T)> bytes_{};
};
template <>
class Le<std::uint8_t>;  // a byte has no order; use std::uint8_t
using le16 = Le<std::uint16_t>;
using le32 = Le<std::uint32_t>;
using le64 = Le<std::uint64_t>;

}  // namespace base
