#include "base/encoding.h"

#include <cctype>

#include "base/error.h"

namespace base {
namespace {

constexpr std::string_view standard_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode64(Bytes bytes, std::string_view alphabet, bool padded) {
  std::string out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8U) | byte;
    for (held += 8; held >= 6; held -= 6) out += alphabet[(bits >> (held - 6)) & 63U];
  }
  if (held > 0) out += alphabet[(bits << (6 - held)) & 63U];
  while (padded && out.size() % 4 != 0) out += '=';
  return out;
}

std::optional<Buffer> decode64(std::string_view digits, std::string_view alphabet) {
  Buffer out;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char digit : digits) {
    const std::size_t value = alphabet.find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> held));
    }
  }
  const bool leftover = held >= 6 || (bits & ((1U << held) - 1U)) != 0;
  if (leftover) return std::nullopt;
  return out;
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

void append_utf8(std::string& text, std::uint32_t code) {
  const auto tail = [&](unsigned shift) { text += static_cast<char>(0x80U | ((code >> shift) & 0x3fU)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0U | (code >> 6U));
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0U | (code >> 12U));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xf0U | (code >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

std::string hex(Bytes bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string hex_number(std::uint64_t value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), "0123456789abcdef"[value & 15U]);
    value >>= 4U;
  } while (value != 0);
  return "0x" + digits;
}

std::optional<Buffer> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Buffer out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::optional<unsigned> high = hex_digit(text[i]);
    const std::optional<unsigned> low = hex_digit(text[i + 1]);
    if (!high || !low) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>((*high << 4U) | *low));
  }
  return out;
}

std::string base64(Bytes bytes) {
  return encode64(bytes, standard_alphabet, true);
}
std::string base64url(Bytes bytes) {
  return encode64(bytes, url_alphabet, false);
}

std::optional<Buffer> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  return decode64(text.substr(0, text.size() - padding), standard_alphabet);
}

std::optional<Buffer> from_base64url(std::string_view text) {
  return decode64(text, url_alphabet);
}

Buffer utf16le(std::string_view ascii) {
  Buffer out;
  out.reserve(ascii.size() * 2);
  for (const char c : ascii) {
    out.push_back(static_cast<std::uint8_t>(c));
    out.push_back(0);
  }
  return out;
}

std::string from_utf16le(Bytes bytes) {
  constexpr std::uint32_t replacement = 0xfffd;
  const auto unit = [bytes](std::size_t at) { return static_cast<std::uint32_t>(bytes[at] | (bytes[at + 1] << 8U)); };
  const auto is_surrogate = [](std::uint32_t code, std::uint32_t first) { return code - first < 0x400U; };
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    std::uint32_t code = at + 1 < bytes.size() ? unit(at) : replacement;
    if (is_surrogate(code, 0xd800) && at + 3 < bytes.size() && is_surrogate(unit(at + 2), 0xdc00)) {
      code = 0x10000U + ((code - 0xd800U) << 10U) + (unit(at + 2) - 0xdc00U);
      at += 2;
    } else if (is_surrogate(code, 0xd800) || is_surrogate(code, 0xdc00)) {
      code = replacement;
    }
    append_utf8(text, code);
  }
  return text;
}

std::array<std::uint8_t, 16> guid_bytes(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) throw Error(Kind::malformed, "not a GUID: '" + std::string(text) + "'");
    if (!dash) digits += text[i];
  }
  const std::optional<Buffer> raw = from_hex(digits);
  if (!raw || raw->size() != 16) throw Error(Kind::malformed, "not a GUID: '" + std::string(text) + "'");
  constexpr std::array<std::size_t, 16> order = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  std::array<std::uint8_t, 16> out{};
  for (std::size_t i = 0; i < 16; ++i) out[i] = (*raw)[order[i]];
  return out;
}

std::string guid_text(Bytes sixteen) {
  constexpr std::array<std::size_t, 16> order = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
  std::string out;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += hex(sixteen.subspan(order[i], 1));
  }
  return out;
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\'':
        out += "&apos;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace base
