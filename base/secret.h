#pragma once
#include "base/bytes.h"

namespace base {

/// Bytes that must not outlive their use: wiped when destroyed or moved from, never copied by accident.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size) : bytes_(size) {}
  explicit Secret(Buffer&& bytes) : bytes_(std::move(bytes)) {}
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  [[nodiscard]] Secret clone() const { return Secret(buffer_of(bytes_)); }
  [[nodiscard]] Bytes view() const noexcept { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t> writable() noexcept { return bytes_; }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

 private:
  Buffer bytes_;
};

/// Overwrites memory in a way the compiler keeps.
void wipe(std::span<std::uint8_t> bytes) noexcept;
/// Compares without a data-dependent branch. Different sizes are unequal.
bool equal_in_constant_time(Bytes a, Bytes b) noexcept;

}  // namespace base
