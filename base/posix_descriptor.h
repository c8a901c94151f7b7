#pragma once
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace base {

/// A file descriptor that closes itself. Negative: none, as a failed open(2) answers.
class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
  /// Closes it now, for files that take what was written only then (configfs). @return what close(2) said
  std::error_code close() noexcept {
    return ::close(std::exchange(number_, -1)) == 0 ? std::error_code()
                                                    : std::error_code(errno, std::generic_category());
  }

 private:
  int number_;
};

}  // namespace base
