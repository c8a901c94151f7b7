#include "tenants/ipv4.h"

#include <charconv>

namespace tenants {
namespace {

/// A decimal number without sign or leading zeros, at most `largest`.
std::optional<std::uint32_t> decimal(std::string_view text, std::uint32_t largest) {
  std::uint32_t value = 0;
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value > largest) return std::nullopt;
  return value;
}

}  // namespace

std::string Ipv4::text() const {
  return std::to_string(value >> 24U) + "." + std::to_string((value >> 16U) & 0xFFU) + "." +
         std::to_string((value >> 8U) & 0xFFU) + "." + std::to_string(value & 0xFFU);
}

std::optional<Ipv4> Ipv4::parse(std::string_view text) {
  Ipv4 address;
  for (int octet = 0; octet < 4; ++octet) {
    const std::size_t dot = octet < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const std::optional<std::uint32_t> number = decimal(text.substr(0, dot), 255);
    if (!number) return std::nullopt;
    address.value = (address.value << 8U) | *number;
    text.remove_prefix(octet < 3 ? dot + 1 : dot);
  }
  return address;
}

std::string Cidr::text() const {
  return address.text() + "/" + std::to_string(prefix);
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<Ipv4> address = Ipv4::parse(text.substr(0, slash));
  const std::optional<std::uint32_t> prefix = decimal(text.substr(slash + 1), 32);
  if (!address || !prefix) return std::nullopt;
  return Cidr{*address, *prefix};
}

}  // namespace tenants
