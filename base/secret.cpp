#include "base/secret.h"

namespace base {

void wipe(std::span<std::uint8_t> bytes) noexcept {
  volatile std::uint8_t* const memory = bytes.data();
  for (std::size_t i = 0; i < bytes.size(); ++i) memory[i] = 0;
}

bool equal_in_constant_time(Bytes a, Bytes b) noexcept {
  if (a.size() != b.size()) return false;
  volatile std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    other.bytes_.clear();
  }
  return *this;
}

Secret::~Secret() {
  wipe(bytes_);
}

}  // namespace base
