#pragma once
#include <cstring>
#include <string>
#include <type_traits>

#include "base/bytes.h"

namespace base {

/// Reads a byte string front to back. Every length check of a parser is made here, so a failure always says which
/// structure, at which offset, wanted how many bytes of how many left.
class ByteReader {
 public:
  /// @param name  what is being read, as a person calls it: "SEV metadata"
  /// @param bytes the whole structure; `origin` is its offset in the file, so that messages give file offsets
  ByteReader(std::string name, Bytes bytes, std::size_t origin = 0)
      : name_(std::move(name)), bytes_(bytes), origin_(origin) {}

  /// Copies out a layout struct or an integer stored least significant byte first.
  /// @throws Error{malformed} when fewer bytes are left
  template <typename T>
  T take() {
    const Bytes raw = take(sizeof(T));
    if constexpr (std::is_integral_v<T>) {
      T value = 0;
      for (std::size_t i = sizeof(T); i-- > 0;)
        value = static_cast<T>((static_cast<std::uint64_t>(value) << 8U) | raw[i]);
      return value;
    } else {
      static_assert(std::is_trivially_copyable_v<T> && alignof(T) == 1);
      T layout;
      std::memcpy(&layout, raw.data(), sizeof(T));
      return layout;
    }
  }
  /// An integer stored most significant byte first (TPM and TLS structures).
  template <typename T>
  T take_big_endian() {
    T value = 0;
    for (const std::uint8_t byte : take(sizeof(T)))
      value = static_cast<T>((static_cast<std::uint64_t>(value) << 8U) | byte);
    return value;
  }
  Bytes take(std::size_t count);
  void skip(std::size_t count) { take(count); }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size() - at_; }
  [[nodiscard]] std::size_t offset() const noexcept { return origin_ + at_; }
  [[nodiscard]] bool done() const noexcept { return left() == 0; }
  /// @throws Error{malformed} when bytes are left over
  void expect_end() const;
  /// @throws Error{malformed} always: "NAME+0xOFFSET: WHAT"
  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::string name_;
  Bytes bytes_;
  std::size_t origin_;
  std::size_t at_ = 0;
};

}  // namespace base
