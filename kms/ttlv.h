#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

/// TTLV, the encoding of KMIP: items of tag (3 bytes), type (1), length (4) and a value padded to 8, all big-endian.
/// Pure. Source: OASIS KMIP Specification 1.4, section 9.1; KMIP 2.0 Profiles/Specification, section 9.1
namespace kms {

enum class TtlvType : std::uint8_t {
  structure = 1,
  integer = 2,
  long_integer = 3,
  big_integer = 4,
  enumeration = 5,
  boolean = 6,
  text = 7,
  bytes = 8,
  date_time = 9,
  interval = 10,
  date_time_extended = 11,
};

using TtlvTag = std::uint32_t;  ///< 24 bits: 0x42xxxx of the standard, 0x54xxxx of vendors

/// One item, looking into the message it was read from: a key in it is not copied.
struct TtlvItem {
  TtlvTag tag = 0;
  TtlvType type = TtlvType::structure;
  base::Bytes value;               ///< without padding; the encoded children of a structure
  std::vector<TtlvItem> children;  ///< of a structure
  std::size_t offset = 0;          ///< in the message

  /// Typed values. @throws Error{malformed} with tag and offset for another type
  [[nodiscard]] std::int32_t integer() const;
  [[nodiscard]] std::uint32_t enumeration() const;
  [[nodiscard]] std::int64_t date_time() const;  ///< seconds since the epoch
  [[nodiscard]] std::string text() const;
  [[nodiscard]] base::Bytes bytes() const;

  /// The children with that tag, in their order; nothing for an item that is no structure.
  [[nodiscard]] std::vector<const TtlvItem*> all(TtlvTag wanted) const;
  /// nullptr when there is none. @throws Error{malformed} when there are several
  [[nodiscard]] const TtlvItem* find(TtlvTag wanted) const;
  /// @throws Error{malformed} when there is none, or several
  [[nodiscard]] const TtlvItem& at(TtlvTag wanted) const;
  /// @throws Error{malformed}: "KMIP answer, tag 0x420043 +0x98: WHAT"
  [[noreturn]] void fail(const std::string& what) const;
};

constexpr std::size_t ttlv_head_size = 8;  ///< tag, type and length

/// One item and nothing after it, structures nested at most 16 deep.
/// @throws Error{malformed} with offset, got and wanted: a foreign tag or type, a length its type does not have,
/// padding that is not zero, a boolean that is neither 0 nor 1, a child that ends beyond its structure
TtlvItem parse_ttlv(base::Bytes message, std::string_view name);

/// The size of the whole message whose first ttlv_head_size bytes these are.
/// @throws Error{malformed} unless it is a structure of that tag and at most `limit` bytes in all
std::size_t ttlv_message_size(base::Bytes head, TtlvTag tag, std::size_t limit);

/// Writes items one after the other. What it holds is wiped.
class TtlvWriter {
 public:
  TtlvWriter();
  /// A structure: items are its children until the matching end().
  TtlvWriter& begin(TtlvTag tag);
  TtlvWriter& end();
  TtlvWriter& integer(TtlvTag tag, std::int32_t value);
  TtlvWriter& enumeration(TtlvTag tag, std::uint32_t value);
  TtlvWriter& boolean(TtlvTag tag, bool value);
  TtlvWriter& date_time(TtlvTag tag, std::int64_t value);
  TtlvWriter& text(TtlvTag tag, std::string_view value);
  TtlvWriter& bytes(TtlvTag tag, base::Bytes value);
  /// @throws Error{failure} when a structure is still open
  [[nodiscard]] base::Secret finish() const;

 private:
  void head(TtlvTag tag, TtlvType type, std::size_t length);
  void put(base::Bytes bytes);
  void put_big_endian(std::uint64_t value, std::size_t size);
  void pad();

  base::Secret message_;
  std::size_t size_ = 0;
  std::vector<std::size_t> open_;  ///< where the lengths of open structures stand
};

}  // namespace kms
