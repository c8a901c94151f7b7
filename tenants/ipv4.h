#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenants {

/// An IPv4 address as a number, most significant octet first.
struct Ipv4 {
  std::uint32_t value = 0;
  [[nodiscard]] std::string text() const;
  /// nullopt unless it is four decimal octets without leading zeros
  static std::optional<Ipv4> parse(std::string_view text);
  auto operator<=>(const Ipv4&) const = default;
};

/// An address with the length of its network: a subnet when the host bits are zero, an interface address otherwise.
struct Cidr {
  Ipv4 address;
  unsigned prefix = 32;
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::uint32_t mask() const noexcept { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32U - prefix); }
  [[nodiscard]] Ipv4 first() const noexcept { return {address.value & mask()}; }
  [[nodiscard]] Ipv4 last() const noexcept { return {address.value | ~mask()}; }
  [[nodiscard]] bool contains(Ipv4 other) const noexcept { return first() <= other && other <= last(); }
  [[nodiscard]] bool overlaps(const Cidr& other) const noexcept {
    return first() <= other.last() && other.first() <= last();
  }
  /// nullopt unless it is ADDRESS/LENGTH with a length of 0 to 32; host bits may be set
  static std::optional<Cidr> parse(std::string_view text);
  auto operator<=>(const Cidr&) const = default;
};

}  // namespace tenants
