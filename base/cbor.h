#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace base {

/// A CBOR data item: integers of 64 bits signed, byte and text strings, arrays, maps, tags, booleans and null. No
/// floats and nothing of indefinite length: no format of ours has them. Source: RFC 8949.
class Cbor {
 public:
  using Array = std::vector<Cbor>;
  /// Members in the order they were added or read; encoded() sorts them.
  using Map = std::vector<std::pair<Cbor, Cbor>>;

  Cbor() = default;                                      ///< null
  Cbor(bool value) : value_(value) {}                    // NOLINT(google-explicit-constructor)
  Cbor(int value) : value_(std::int64_t{value}) {}       // NOLINT(google-explicit-constructor)
  Cbor(std::int64_t value) : value_(value) {}            // NOLINT(google-explicit-constructor)
  Cbor(const char* text) : value_(std::string(text)) {}  // NOLINT(google-explicit-constructor)
  Cbor(std::string text) : value_(std::move(text)) {}    // NOLINT(google-explicit-constructor)
  Cbor(Buffer bytes) : value_(std::move(bytes)) {}       // NOLINT(google-explicit-constructor)
  Cbor(Bytes bytes) : value_(buffer_of(bytes)) {}        // NOLINT(google-explicit-constructor)
  Cbor(Array items) : value_(std::move(items)) {}        // NOLINT(google-explicit-constructor)
  Cbor(Map members) : value_(std::move(members)) {}      // NOLINT(google-explicit-constructor)
  /// An array whose only item is an array. Array{Array{..}} is that to GCC and a copy of the inner one to clang (C++
  /// core language issue 2137).
  static Array nested(Array only) { return Array(1, Cbor(std::move(only))); }
  /// `content` under a tag: tagged(501, ..) is "501(..)" in diagnostic notation.
  static Cbor tagged(std::uint64_t tag, Cbor content);

  [[nodiscard]] bool is_integer() const noexcept { return std::holds_alternative<std::int64_t>(value_); }
  [[nodiscard]] bool is_bytes() const noexcept { return std::holds_alternative<Buffer>(value_); }
  [[nodiscard]] bool is_text() const noexcept { return std::holds_alternative<std::string>(value_); }

  /// Typed access. @throws Error{malformed} naming the type wanted and the type got
  [[nodiscard]] std::int64_t integer() const;
  [[nodiscard]] const Buffer& bytes() const;
  [[nodiscard]] const std::string& text() const;
  [[nodiscard]] const Array& array() const;
  [[nodiscard]] const Map& map() const;
  /// The content when the item has this tag; nullptr otherwise.
  [[nodiscard]] const Cbor* untagged(std::uint64_t tag) const noexcept;
  /// A member of a map; nullptr when it is absent (or when this is no map).
  [[nodiscard]] const Cbor* find(const Cbor& key) const noexcept;
  /// @throws Error{malformed} when the member is absent or this is no map
  [[nodiscard]] const Cbor& at(const Cbor& key) const;

  bool operator==(const Cbor&) const = default;

  /// Core deterministic encoding (RFC 8949, section 4.2.1): shortest heads, map members sorted by their encoded keys.
  [[nodiscard]] Buffer encoded() const;
  /// One item and nothing after it, with shortest heads, unique map keys and nesting of at most 32. The members of a
  /// map may come in any order; texts are not checked to be UTF-8.
  /// @param name what is parsed, for messages. @throws Error{malformed} with the offset
  static Cbor parse(Bytes bytes, std::string_view name);

 private:
  struct Tagged {
    std::uint64_t tag = 0;
    std::vector<Cbor> content;  ///< exactly one
    bool operator==(const Tagged&) const = default;
  };
  std::variant<std::monostate, bool, std::int64_t, std::string, Buffer, Array, Map, Tagged> value_;

  friend class CborWriter;
};

}  // namespace base
