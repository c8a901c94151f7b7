#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace provisioner {

/// RAM of a guest we start ourselves, in memory of ours that QEMU maps: we can look while the guest runs. The guest
/// writes as it likes, so callers copy first and then check.
class GuestMemory {
 public:
  /// @throws base::Error{host} when there is not that much address space
  explicit GuestMemory(std::uint64_t bytes);
  GuestMemory(const GuestMemory&) = delete;
  GuestMemory& operator=(const GuestMemory&) = delete;
  ~GuestMemory();

  /// The descriptor QEMU inherits, and its arguments.
  [[nodiscard]] int file() const noexcept { return file_; }
  [[nodiscard]] std::vector<std::string> arguments() const;
  /// Offsets of the pages in use that hold `text` at `place`. An offset is no guest address: memory above 4 GiB follows
  /// that below.
  [[nodiscard]] std::vector<std::uint64_t> pages_with(std::string_view text, std::size_t place) const;
  /// At most `size` bytes, fewer at the end of memory.
  [[nodiscard]] base::Buffer copy(std::uint64_t offset, std::size_t size) const;

 private:
  int file_ = -1;
  std::uint64_t size_ = 0;
  const std::uint8_t* mapped_ = nullptr;
};

}  // namespace provisioner
