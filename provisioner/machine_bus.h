#pragma once
#include <cstdint>

#include "base/bytes.h"

namespace provisioner {

/// How many bytes a port access moves.
enum class PortWidth { byte = 1, word = 2, dword = 4 };

/// The ports and the physical memory of a machine, as its own processor sees them, seen from outside. The machine may
/// answer anything: callers check what they read.
class MachineBus {
 public:
  MachineBus() = default;
  MachineBus(const MachineBus&) = delete;
  MachineBus& operator=(const MachineBus&) = delete;
  virtual ~MachineBus() = default;

  virtual void out(PortWidth width, std::uint16_t port, std::uint32_t value) = 0;
  virtual std::uint32_t in(PortWidth width, std::uint16_t port) = 0;
  /// Physical memory as bytes.
  virtual void write(std::uint64_t address, base::Bytes bytes) = 0;
  virtual base::Buffer read(std::uint64_t address, std::size_t size) = 0;
  /// One 32-bit access to a device's memory.
  virtual void store(std::uint64_t address, std::uint32_t value) = 0;
  virtual std::uint32_t load(std::uint64_t address) = 0;
};

}  // namespace provisioner
