#pragma once
#include "base/byte_reader.h"

namespace base {

/// Tags of the universal types our readers meet. Source: X.690 section 8.
enum class DerTag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  object_identifier = 0x06,
  enumerated = 0x0A,
  ia5_string = 0x16,
  sequence = 0x30,
};

/// Reads the elements of a DER encoding front to back, strictly: definite lengths in their shortest form, one-byte
/// tags. Source: X.690 section 10. Every failure is Error{malformed} "NAME+0xOFFSET: ..".
class DerReader {
 public:
  /// @param name what is read, for messages; `origin` as for ByteReader
  DerReader(std::string name, Bytes bytes, std::size_t origin = 0)
      : name_(std::move(name)), reader_(name_, bytes, origin) {}

  /// The content of the next element, which must have this tag.
  Bytes take(DerTag tag);
  /// A reader over the content of the next element, which must be a SEQUENCE.
  DerReader sequence();
  /// Dotted: "1.2.840.113741.1.13.1".
  std::string object_identifier();
  /// An INTEGER or ENUMERATED that is not negative, at most `most`.
  std::uint64_t number(std::uint64_t most, DerTag tag = DerTag::integer);
  bool boolean();
  /// An OCTET STRING of exactly N bytes.
  template <std::size_t N>
  std::array<std::uint8_t, N> octets() {
    const Bytes content = take(DerTag::octet_string);
    if (content.size() != N)
      fail("OCTET STRING of " + std::to_string(content.size()) + " bytes, wanted " + std::to_string(N));
    std::array<std::uint8_t, N> out{};
    std::copy(content.begin(), content.end(), out.begin());
    return out;
  }
  [[nodiscard]] bool done() const noexcept { return reader_.done(); }
  void expect_end() const { reader_.expect_end(); }
  [[noreturn]] void fail(const std::string& what) const { reader_.fail(what); }

 private:
  std::size_t take_length();

  std::string name_;
  ByteReader reader_;
};

}  // namespace base
