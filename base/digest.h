#pragma once
#include <algorithm>
#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/encoding.h"

namespace base {

/// A digest of N bytes that is not interchangeable with another of the same size: an MRTD is not a launch digest.
template <typename Tag, std::size_t N>
struct Digest {
  static constexpr std::size_t size = N;
  std::array<std::uint8_t, N> bytes{};

  [[nodiscard]] Bytes view() const noexcept { return bytes; }
  [[nodiscard]] std::string hex() const { return base::hex(bytes); }
  /// nullopt unless `text` is exactly 2N hexadecimal digits
  static std::optional<Digest> parse(std::string_view text) {
    const std::optional<Buffer> raw = from_hex(text);
    if (!raw || raw->size() != N) return std::nullopt;
    return from(*raw);
  }
  /// @param raw exactly N bytes
  static Digest from(Bytes raw) {
    Digest digest;
    std::copy_n(raw.begin(), N, digest.bytes.begin());
    return digest;
  }
  auto operator<=>(const Digest&) const = default;
};

using Sha256 = Digest<struct Sha256Tag, 32>;
using Sha384 = Digest<struct Sha384Tag, 48>;

}  // namespace base
