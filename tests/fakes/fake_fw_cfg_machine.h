#pragma once
#include <map>
#include <stdexcept>

#include "provisioner/machine_bus.h"

namespace provisioner {

/// A machine with nothing but RAM and QEMU's firmware configuration device (docs/specs/fw_cfg.rst).
class FakeFwCfgMachine : public MachineBus {
 public:
  std::map<std::uint16_t, base::Buffer> items;
  bool dma = true;
  unsigned port_reads = 0, dma_reads = 0;

  FakeFwCfgMachine() { items[0] = base::buffer_of(base::bytes_of("QEMU")); }

  /// Makes the directory of `files`, with selectors from 0x20 on.
  void offer(const std::map<std::string, base::Buffer>& files) {
    base::Buffer directory = big_endian(files.size(), 4);
    std::uint16_t selector = 0x20;
    for (const auto& [name, content] : files) {
      items[selector] = content;
      base::append(directory, big_endian(content.size(), 4));
      base::append(directory, big_endian(selector++, 2));
      directory.insert(directory.end(), 2, 0);
      base::Buffer field(56);
      std::copy(name.begin(), name.end(), field.begin());
      base::append(directory, field);
    }
    items[0x19] = directory;
  }

  void out(PortWidth, std::uint16_t port, std::uint32_t value) override {
    if (port == 0x510) select(static_cast<std::uint16_t>(value));
    if (port == 0x514) high_ = swapped(value);
    if (port == 0x518) transfer(std::uint64_t{high_} << 32U | swapped(value));
  }
  std::uint32_t in(PortWidth, std::uint16_t port) override {
    if (port != 0x511) return 0xffffffff;
    ++port_reads;
    return next();
  }
  void write(std::uint64_t address, base::Bytes bytes) override {
    for (const std::uint8_t byte : bytes) memory_[address++] = byte;
  }
  base::Buffer read(std::uint64_t address, std::size_t size) override {
    base::Buffer bytes(size);
    for (std::uint8_t& byte : bytes) byte = memory_[address++];
    return bytes;
  }
  void store(std::uint64_t, std::uint32_t) override { throw std::logic_error("no device memory here"); }
  std::uint32_t load(std::uint64_t) override { throw std::logic_error("no device memory here"); }

 private:
  static base::Buffer big_endian(std::uint64_t value, unsigned bytes) {
    base::Buffer out;
    for (unsigned i = bytes; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    return out;
  }
  static std::uint32_t swapped(std::uint32_t value) { return __builtin_bswap32(value); }
  std::uint64_t number_at(std::uint64_t address, unsigned bytes) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < bytes; ++i) value = value << 8U | memory_[address + i];
    return value;
  }
  void select(std::uint16_t selector) {
    items[1] = {static_cast<std::uint8_t>(dma ? 3 : 1), 0, 0, 0};
    selector_ = selector;
    offset_ = 0;
  }
  std::uint8_t next() {
    const base::Buffer& item = items[selector_];
    return offset_ < item.size() ? item[offset_++] : 0;
  }
  void transfer(std::uint64_t request) {
    const auto control = static_cast<std::uint32_t>(number_at(request, 4));
    const std::uint64_t size = number_at(request + 4, 4), address = number_at(request + 8, 8);
    if ((control & 8U) != 0) select(static_cast<std::uint16_t>(control >> 16U));
    for (std::uint64_t i = 0; i < size; ++i) memory_[address + i] = next();
    write(request, base::Buffer(4, 0));
    ++dma_reads;
  }

  std::map<std::uint64_t, std::uint8_t> memory_;
  std::uint32_t high_ = 0;
  std::uint16_t selector_ = 0;
  std::size_t offset_ = 0;
};

}  // namespace provisioner
