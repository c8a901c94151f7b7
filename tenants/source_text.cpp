#include "tenants/source_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace tenants {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// The UTF-8 character at the front of `text`; nullopt for overlong forms, surrogates and stray bytes.
/// Source: RFC 3629 section 4.
std::optional<Character> decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return Character{first, 1};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return std::nullopt;
  char32_t code = first & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_continuation(text[i])) return std::nullopt;
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return std::nullopt;
  return Character{code, size};
}

/// Why a character may not stand in a document, or nullptr.
const char* refusal(char32_t code, bool newline_follows) {
  if (code == '\t') return "tab; indent with spaces, and write \\t inside double quotes";
  if (code == '\n' || (code == '\r' && newline_follows)) return nullptr;
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return "control character";
  if (code == 0xFEFF) return "byte order mark; save the file as UTF-8 without one";
  const bool separator = code == 0x2028 || code == 0x2029;
  const bool invisible = (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
                         (code >= 0x2060 && code <= 0x2069) || code == 0xAD;
  return separator || invisible ? "invisible character" : nullptr;
}

std::string code_point(char32_t code) {
  std::string digits;
  for (auto rest = static_cast<std::uint32_t>(code); rest > 0 || digits.size() < 4; rest >>= 4U) {
    digits.insert(digits.begin(), "0123456789ABCDEF"[rest & 0xFU]);
  }
  return "U+" + digits;
}

/// Reports what is wrong with one line; only the first thing, so that a binary file does not fill the screen.
void check_line(const base::SourceFile& file, std::size_t line, std::size_t begin, std::size_t end,
                base::Diagnostics& diagnostics) {
  const std::string_view text = file.text;
  if (end - begin > longest_line) {
    const base::SourcePosition where = position_at(file, line, 0, begin);
    return diagnostics.error(where, "expected lines of at most 8192 bytes, got " + std::to_string(end - begin));
  }
  for (std::size_t at = begin; at < end;) {
    const std::optional<Character> character = decode(text.substr(at, end - at));
    const auto where = [&] { return position_at(file, line, at - begin, at); };
    if (!character) return diagnostics.error(where(), "expected UTF-8 text, got a byte that is none");
    const bool newline_follows = at + 1 < text.size() && text[at + 1] == '\n';
    if (const char* reason = refusal(character->code, newline_follows)) {
      return diagnostics.error(where(), code_point(character->code) + " is not allowed: " + reason);
    }
    at += character->bytes;
  }
}

}  // namespace

bool check_source_text(const base::SourceFile& file, base::Diagnostics& diagnostics) {
  constexpr std::size_t enough = 20;
  const std::size_t before = diagnostics.all().size();
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < file.text.size() && diagnostics.all().size() < before + enough; ++line) {
    const std::size_t end = std::min(file.text.find('\n', begin), file.text.size());
    check_line(file, line, begin, end, diagnostics);
    begin = end + 1;
  }
  return diagnostics.all().size() == before;
}

base::SourcePosition position_at(const base::SourceFile& file, std::size_t line, std::size_t column, std::size_t offset,
                                 std::size_t length) {
  const std::string_view text = file.text;
  offset = std::min(offset, text.size());
  column = std::min(column, offset);
  const auto characters = [](std::string_view part) {
    return static_cast<unsigned>(std::count_if(part.begin(), part.end(), [](char c) { return !is_continuation(c); }));
  };
  const std::size_t line_end = std::min(text.find_first_of("\r\n", offset), text.size());
  const std::string_view marked = text.substr(offset, std::min(length, line_end - offset));
  return {file.name, static_cast<unsigned>(line) + 1, characters(text.substr(offset - column, column)) + 1,
          std::max(1U, characters(marked))};
}

}  // namespace tenants
