#include "base/der_reader.h"

#include "base/encoding.h"

namespace base {
namespace {

constexpr std::uint8_t long_form = 0x80;
constexpr std::size_t most_length_bytes = 4;
constexpr std::uint8_t more_follows = 0x80;
constexpr std::uint64_t largest_arc = 0xFFFFFFFF;

}  // namespace

std::size_t DerReader::take_length() {
  const auto first = reader_.take<std::uint8_t>();
  if (first < long_form) return first;
  const std::size_t count = first & 0x7FU;
  if (count == 0 || count > most_length_bytes) reader_.fail("a length of form " + hex_number(first));
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto byte = reader_.take<std::uint8_t>();
    if (i == 0 && byte == 0) reader_.fail("a length with a leading zero");
    length = (length << 8U) | byte;
  }
  if (length < long_form) reader_.fail("a length that is not in its shortest form");
  return length;
}

Bytes DerReader::take(DerTag tag) {
  const auto wanted = static_cast<std::uint8_t>(tag);
  const auto got = reader_.take<std::uint8_t>();
  if (got != wanted) reader_.fail("tag " + hex_number(got) + ", wanted " + hex_number(wanted));
  return reader_.take(take_length());
}

DerReader DerReader::sequence() {
  const Bytes content = take(DerTag::sequence);
  return {name_, content, reader_.offset() - content.size()};
}

std::string DerReader::object_identifier() {
  const Bytes content = take(DerTag::object_identifier);
  std::string text;
  std::uint64_t arc = 0;
  bool inside = false;
  for (const std::uint8_t byte : content) {
    if (!inside && byte == more_follows) fail("an object identifier with a leading zero");
    arc = (arc << 7U) | (byte & 0x7FU);
    if (arc > largest_arc) fail("an object identifier with an arc above 2^32");
    inside = (byte & more_follows) != 0;
    if (inside) continue;
    if (text.empty()) {  // two arcs share the first number
      const std::uint64_t root = arc < 80 ? arc / 40 : 2;
      text = std::to_string(root) + "." + std::to_string(arc - 40 * root);
    } else {
      text += "." + std::to_string(arc);
    }
    arc = 0;
  }
  if (text.empty() || inside) fail("an object identifier that ends early");
  return text;
}

std::uint64_t DerReader::number(std::uint64_t most, DerTag tag) {
  const Bytes content = take(tag);
  if (content.empty()) fail("a number of no bytes");
  if ((content[0] & 0x80U) != 0) fail("a negative number");
  if (content.size() > 1 && content[0] == 0 && (content[1] & 0x80U) == 0) fail("a number with a leading zero");
  std::uint64_t value = 0;
  for (const std::uint8_t byte : content) {
    if (value > (most >> 8U)) fail("a number above " + std::to_string(most));
    value = (value << 8U) | byte;
  }
  if (value > most) fail("a number above " + std::to_string(most));
  return value;
}

bool DerReader::boolean() {
  const Bytes content = take(DerTag::boolean);
  if (content.size() != 1 || (content[0] != 0 && content[0] != 0xFF)) fail("a BOOLEAN that is neither 00 nor ff");
  return content[0] != 0;
}

}  // namespace base
