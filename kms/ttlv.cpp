#include "kms/ttlv.h"

#include <algorithm>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace kms {
namespace {

constexpr unsigned deepest = 16;
constexpr std::size_t block = 8;

std::size_t padded(std::size_t length) {
  return (length + block - 1) / block * block;
}

std::uint64_t big_endian(base::Bytes bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = (value << 8U) | byte;
  return value;
}

/// Whether a value of the type can have that length.
bool fits(TtlvType type, std::size_t length) {
  switch (type) {
    case TtlvType::integer:
    case TtlvType::enumeration:
    case TtlvType::interval:
      return length == 4;
    case TtlvType::long_integer:
    case TtlvType::boolean:
    case TtlvType::date_time:
    case TtlvType::date_time_extended:
      return length == 8;
    case TtlvType::big_integer:
      return length > 0 && length % block == 0;
    case TtlvType::structure:
      return length % block == 0;
    case TtlvType::text:
    case TtlvType::bytes:
      return true;
  }
  return false;
}

TtlvTag take_tag(base::ByteReader& reader) {
  const base::Bytes bytes = reader.take(3);
  if (bytes[0] != 0x42 && bytes[0] != 0x54)
    reader.fail("tag: got " + base::hex_number(big_endian(bytes)) + ", wanted 0x42.... or 0x54....");
  return static_cast<TtlvTag>(big_endian(bytes));
}

TtlvType take_type(base::ByteReader& reader) {
  const auto type = reader.take<std::uint8_t>();
  if (type < 1 || type > static_cast<std::uint8_t>(TtlvType::date_time_extended))
    reader.fail("type: got " + std::to_string(type) + ", wanted 1 to 11");
  return static_cast<TtlvType>(type);
}

base::Bytes take_value(base::ByteReader& reader, TtlvType type) {
  const auto length = reader.take_big_endian<std::uint32_t>();
  if (!fits(type, length))
    reader.fail("length: got " + std::to_string(length) + ", which no value of type " +
                std::to_string(static_cast<unsigned>(type)) + " has");
  const base::Bytes value = reader.take(length);
  for (const std::uint8_t byte : reader.take(padded(length) - length))
    if (byte != 0) reader.fail("padding: got " + base::hex_number(byte) + ", wanted 0");
  if (type == TtlvType::boolean && big_endian(value) > 1) reader.fail("boolean: wanted 0 or 1");
  return value;
}

TtlvItem take_item(base::ByteReader& reader, std::string_view name, unsigned depth) {
  if (depth > deepest) reader.fail("structures nested more than " + std::to_string(deepest) + " deep");
  TtlvItem item;
  item.offset = reader.offset();
  item.tag = take_tag(reader);
  item.type = take_type(reader);
  const std::size_t begin = reader.offset() + 4;
  item.value = take_value(reader, item.type);
  if (item.type != TtlvType::structure) return item;
  base::ByteReader inside(std::string(name), item.value, begin);
  while (!inside.done()) item.children.push_back(take_item(inside, name, depth + 1));
  return item;
}

}  // namespace

void TtlvItem::fail(const std::string& what) const {
  throw base::Error(base::Kind::malformed,
                    "KMIP tag " + base::hex_number(tag) + " at +" + base::hex_number(offset) + ": " + what);
}

std::int32_t TtlvItem::integer() const {
  if (type != TtlvType::integer) fail("wanted an integer");
  return static_cast<std::int32_t>(big_endian(value));
}

std::uint32_t TtlvItem::enumeration() const {
  if (type != TtlvType::enumeration) fail("wanted an enumeration");
  return static_cast<std::uint32_t>(big_endian(value));
}

std::int64_t TtlvItem::date_time() const {
  if (type != TtlvType::date_time) fail("wanted a date-time");
  return static_cast<std::int64_t>(big_endian(value));
}

std::string TtlvItem::text() const {
  if (type != TtlvType::text) fail("wanted a text");
  return base::text_of(value);
}

base::Bytes TtlvItem::bytes() const {
  if (type != TtlvType::bytes) fail("wanted a byte string");
  return value;
}

std::vector<const TtlvItem*> TtlvItem::all(TtlvTag wanted) const {
  std::vector<const TtlvItem*> found;
  for (const TtlvItem& child : children)
    if (child.tag == wanted) found.push_back(&child);
  return found;
}

const TtlvItem* TtlvItem::find(TtlvTag wanted) const {
  const std::vector<const TtlvItem*> found = all(wanted);
  if (found.size() > 1)
    fail("has " + std::to_string(found.size()) + " of " + base::hex_number(wanted) + ", wanted one");
  return found.empty() ? nullptr : found.front();
}

const TtlvItem& TtlvItem::at(TtlvTag wanted) const {
  const TtlvItem* const found = find(wanted);
  if (found == nullptr) fail("has no " + base::hex_number(wanted));
  return *found;
}

TtlvItem parse_ttlv(base::Bytes message, std::string_view name) {
  base::ByteReader reader(std::string(name), message);
  TtlvItem item = take_item(reader, name, 1);
  reader.expect_end();
  return item;
}

std::size_t ttlv_message_size(base::Bytes head, TtlvTag tag, std::size_t limit) {
  base::ByteReader reader("KMIP message", head);
  const TtlvTag got = take_tag(reader);
  if (got != tag || take_type(reader) != TtlvType::structure)
    reader.fail("got tag " + base::hex_number(got) + ", wanted the structure " + base::hex_number(tag));
  const auto length = reader.take_big_endian<std::uint32_t>();
  if (length % block != 0 || length > limit - ttlv_head_size)
    reader.fail("length: got " + std::to_string(length) + ", wanted a multiple of 8 up to " +
                std::to_string(limit - ttlv_head_size));
  return ttlv_head_size + length;
}

TtlvWriter::TtlvWriter() : message_(1024) {}

void TtlvWriter::put(base::Bytes bytes) {
  if (size_ + bytes.size() > message_.size()) {
    base::Secret larger(2 * (size_ + bytes.size()));
    std::copy_n(message_.view().begin(), size_, larger.writable().begin());
    message_ = std::move(larger);
  }
  std::copy(bytes.begin(), bytes.end(), message_.writable().begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
}

void TtlvWriter::put_big_endian(std::uint64_t value, std::size_t size) {
  for (std::size_t i = size; i-- > 0;) {
    const auto byte = static_cast<std::uint8_t>(value >> (8 * i));
    put({&byte, 1});
  }
}

void TtlvWriter::pad() {
  put_big_endian(0, padded(size_) - size_);
}

void TtlvWriter::head(TtlvTag tag, TtlvType type, std::size_t length) {
  put_big_endian(tag, 3);
  put_big_endian(static_cast<std::uint8_t>(type), 1);
  put_big_endian(length, 4);
}

TtlvWriter& TtlvWriter::begin(TtlvTag tag) {
  head(tag, TtlvType::structure, 0);
  open_.push_back(size_);
  return *this;
}

TtlvWriter& TtlvWriter::end() {
  if (open_.empty()) throw base::Error(base::Kind::failure, "TTLV: no structure is open");
  const std::size_t length = size_ - open_.back();
  for (std::size_t i = 0; i < 4; ++i)
    message_.writable()[open_.back() - 1 - i] = static_cast<std::uint8_t>(length >> (8 * i));
  open_.pop_back();
  return *this;
}

TtlvWriter& TtlvWriter::integer(TtlvTag tag, std::int32_t value) {
  head(tag, TtlvType::integer, 4);
  put_big_endian(static_cast<std::uint32_t>(value), 4);
  return pad(), *this;
}

TtlvWriter& TtlvWriter::enumeration(TtlvTag tag, std::uint32_t value) {
  head(tag, TtlvType::enumeration, 4);
  put_big_endian(value, 4);
  return pad(), *this;
}

TtlvWriter& TtlvWriter::boolean(TtlvTag tag, bool value) {
  head(tag, TtlvType::boolean, 8);
  return put_big_endian(value ? 1 : 0, 8), *this;
}

TtlvWriter& TtlvWriter::date_time(TtlvTag tag, std::int64_t value) {
  head(tag, TtlvType::date_time, 8);
  return put_big_endian(static_cast<std::uint64_t>(value), 8), *this;
}

TtlvWriter& TtlvWriter::text(TtlvTag tag, std::string_view value) {
  head(tag, TtlvType::text, value.size());
  put(base::bytes_of(value));
  return pad(), *this;
}

TtlvWriter& TtlvWriter::bytes(TtlvTag tag, base::Bytes value) {
  head(tag, TtlvType::bytes, value.size());
  put(value);
  return pad(), *this;
}

base::Secret TtlvWriter::finish() const {
  if (!open_.empty()) throw base::Error(base::Kind::failure, "TTLV: a structure is not ended");
  return base::Secret(base::buffer_of(message_.view().first(size_)));
}

}  // namespace kms
