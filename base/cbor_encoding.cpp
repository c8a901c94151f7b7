#include <algorithm>
#include <limits>
#include <set>

#include "base/byte_reader.h"
#include "base/cbor.h"
#include "base/error.h"

namespace base {
namespace {

constexpr unsigned deepest_nesting = 32;
constexpr std::uint64_t largest_integer = std::numeric_limits<std::int64_t>::max();

/// RFC 8949, section 3.1.
enum class Major : std::uint8_t { unsigned_integer, negative_integer, bytes, text, array, map, tag, simple };
constexpr std::uint8_t is_false = 20, is_true = 21, is_null = 22;

/// How many bytes follow the initial byte; the value in it is 24 plus the position here.
constexpr std::size_t argument_sizes[] = {1, 2, 4, 8};

/// The shortest head for the argument: the number of bytes after the initial one.
std::size_t shortest(std::uint64_t argument) {
  if (argument < 24) return 0;
  if (argument <= std::numeric_limits<std::uint8_t>::max()) return 1;
  if (argument <= std::numeric_limits<std::uint16_t>::max()) return 2;
  return argument <= std::numeric_limits<std::uint32_t>::max() ? 4 : 8;
}

class CborReader {
 public:
  CborReader(Bytes bytes, std::string_view name) : reader_(std::string(name), bytes) {}

  Cbor item(unsigned depth) {
    if (depth > deepest_nesting) reader_.fail("nested deeper than " + std::to_string(deepest_nesting));
    const auto initial = reader_.take<std::uint8_t>();
    const auto major = static_cast<Major>(initial >> 5U);
    if (major == Major::simple) return simple(initial & 0x1fU);
    const std::uint64_t argument = argument_of(initial & 0x1fU);
    switch (major) {
      case Major::unsigned_integer:
        return static_cast<std::int64_t>(bounded(argument));
      case Major::negative_integer:
        return -1 - static_cast<std::int64_t>(bounded(argument));
      case Major::bytes:
        return reader_.take(argument);
      case Major::text:
        return text_of(reader_.take(argument));
      case Major::array:
        return array(argument, depth);
      case Major::map:
        return map(argument, depth);
      default:
        return Cbor::tagged(argument, item(depth + 1));
    }
  }

  void expect_end() const { reader_.expect_end(); }

 private:
  Cbor simple(std::uint8_t value) const {
    if (value == is_null) return {};
    if (value != is_false && value != is_true)
      reader_.fail("a float or another simple value, wanted false, true or null");
    return value == is_true;
  }

  std::uint64_t argument_of(std::uint8_t low) {
    if (low < 24) return low;
    if (low - 24U >= std::size(argument_sizes)) reader_.fail("an item of indefinite length or with a reserved head");
    const std::size_t size = argument_sizes[low - 24U];
    std::uint64_t argument = 0;
    for (const std::uint8_t byte : reader_.take(size)) argument = argument << 8U | byte;
    if (shortest(argument) != size)
      reader_.fail("a head of " + std::to_string(size + 1) + " bytes, wanted the shortest");
    return argument;
  }

  [[nodiscard]] std::uint64_t bounded(std::uint64_t argument) const {
    if (argument > largest_integer) reader_.fail("an integer does not fit 64 bits signed");
    return argument;
  }

  /// A length that cannot be true is refused before anything is set aside for it.
  void expect_room_for(std::uint64_t items) const {
    if (items > reader_.left())
      reader_.fail(std::to_string(items) + " items announced, " + std::to_string(reader_.left()) + " bytes left");
  }

  Cbor array(std::uint64_t count, unsigned depth) {
    expect_room_for(count);
    Cbor::Array items;
    for (std::uint64_t i = 0; i < count; ++i) items.push_back(item(depth + 1));
    return items;
  }

  Cbor map(std::uint64_t count, unsigned depth) {
    expect_room_for(count);
    Cbor::Map members;
    std::set<Buffer> seen;
    for (std::uint64_t i = 0; i < count; ++i) {
      Cbor key = item(depth + 1);
      if (!seen.insert(key.encoded()).second) reader_.fail("a key occurs twice in a map");
      Cbor value = item(depth + 1);
      members.emplace_back(std::move(key), std::move(value));
    }
    return members;
  }

  ByteReader reader_;
};

}  // namespace

class CborWriter {
 public:
  void write(const Cbor& item) {
    std::visit([this](const auto& value) { write_value(value); }, item.value_);
  }
  Buffer result() && { return std::move(out_); }

 private:
  void head(Major major, std::uint64_t argument) {
    const std::size_t size = shortest(argument);
    const auto sizes = std::find(std::begin(argument_sizes), std::end(argument_sizes), size);
    const std::uint64_t low =
        size == 0 ? argument : 24U + static_cast<std::uint64_t>(sizes - std::begin(argument_sizes));
    out_.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(major) << 5U | low));
    for (std::size_t i = size; i-- > 0;) out_.push_back(static_cast<std::uint8_t>(argument >> (8 * i)));
  }

  void write_value(std::monostate) { head(Major::simple, is_null); }
  void write_value(bool value) { head(Major::simple, value ? is_true : is_false); }
  void write_value(std::int64_t value) {
    if (value >= 0)
      head(Major::unsigned_integer, static_cast<std::uint64_t>(value));
    else
      head(Major::negative_integer, static_cast<std::uint64_t>(-1 - value));
  }
  void write_value(const std::string& text) {
    head(Major::text, text.size());
    append(out_, bytes_of(text));
  }
  void write_value(const Buffer& bytes) {
    head(Major::bytes, bytes.size());
    append(out_, bytes);
  }
  void write_value(const Cbor::Array& items) {
    head(Major::array, items.size());
    for (const Cbor& item : items) write(item);
  }
  void write_value(const Cbor::Map& members) {
    std::vector<std::pair<Buffer, const Cbor*>> sorted;
    for (const auto& [key, value] : members) sorted.emplace_back(key.encoded(), &value);
    std::sort(sorted.begin(), sorted.end());
    head(Major::map, members.size());
    for (const auto& [key, value] : sorted) {
      append(out_, key);
      write(*value);
    }
  }
  void write_value(const Cbor::Tagged& tagged) {
    head(Major::tag, tagged.tag);
    write(tagged.content.front());
  }

  Buffer out_;
};

Buffer Cbor::encoded() const {
  CborWriter writer;
  writer.write(*this);
  return std::move(writer).result();
}

Cbor Cbor::parse(Bytes bytes, std::string_view name) {
  CborReader reader(bytes, name);
  Cbor item = reader.item(0);
  reader.expect_end();
  return item;
}

}  // namespace base
