#include "provisioner/pci_placement.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"

namespace provisioner {
namespace {

constexpr std::uint64_t one_gib = std::uint64_t{1} << 30U, four_gib = 4 * one_gib, one_mib = std::uint64_t{1} << 20U;
constexpr std::uint64_t default_aperture = 32 * one_gib;  // gUefiOvmfPkgTokenSpaceGuid.PcdPciMmio64Size

std::uint64_t aligned_up(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

// One entry of QEMU's "etc/e820": hw/i386/e820_memory_layout.h.
struct MemoryMapEntry {
  base::le64 base, length;
  base::le32 type;
};
static_assert(sizeof(MemoryMapEntry) == 20);
constexpr std::uint32_t type_ram = 1;

std::vector<MemoryMapEntry> entries_of(base::Bytes map) {
  base::ByteReader reader("fw_cfg etc/e820", map);
  std::vector<MemoryMapEntry> entries;
  while (!reader.done()) entries.push_back(reader.take<MemoryMapEntry>());
  return entries;
}

/// The width OVMF believes; nullopt when it takes QEMU's word for a default that no processor of that vendor has.
std::optional<unsigned> believed_width(const AddressWidth& width) {
  const unsigned bits = width.physical_bits;
  const bool intel = width.vendor == "GenuineIntel", amd = width.vendor == "AuthenticAMD";
  if (bits < 41 && !(intel && (bits == 36 || bits == 39)) && !(amd && bits == 40)) return std::nullopt;
  return width.gigabyte_pages ? std::min(bits, 46U) : std::min(bits, 40U);
}

constexpr std::uint16_t address_port = 0xcf8, value_port = 0xcfc;

/// A function of a PCI device; registers are reached through ports 0xcf8 and 0xcfc.
struct PciFunction {
  unsigned bus = 0, device = 0, function = 0;
};

class PciRegisters {
 public:
  PciRegisters(MachineBus& bus, PciFunction where) : bus_(bus), where_(where) {}
  std::uint32_t read(unsigned offset) {
    select(offset);
    return bus_.in(PortWidth::dword, value_port);
  }
  void write(unsigned offset, std::uint32_t value, PortWidth width = PortWidth::dword) {
    select(offset);
    bus_.out(width, static_cast<std::uint16_t>(value_port + (offset & 3U)), value);
  }
  [[nodiscard]] bool present() { return read(0) != 0xffffffffU; }
  [[nodiscard]] unsigned header_type() { return read(0x0c) >> 16U & 0xffU; }

 private:
  void select(unsigned offset) {
    bus_.out(PortWidth::dword, address_port,
             0x80000000U | where_.bus << 16U | where_.device << 11U | where_.function << 8U | (offset & 0xfcU));
  }
  MachineBus& bus_;
  PciFunction where_;
};

/// A 64-bit memory range somebody on the root bus asks for.
struct RangeRequest {
  PciFunction where;
  std::optional<unsigned> bar;  ///< offset of the base address register; nullopt for a bridge's prefetchable window
  std::uint64_t size = 0;
};

struct Bar {
  unsigned offset = 0;
  std::uint64_t size = 0;
  bool prefetchable = false;
};

std::vector<Bar> wide_bars(PciRegisters& registers, unsigned count) {
  std::vector<Bar> bars;
  for (unsigned i = 0; i < count; ++i) {
    const unsigned offset = 0x10 + 4 * i;
    const std::uint32_t before = registers.read(offset);
    registers.write(offset, 0xffffffffU);
    const std::uint32_t low = registers.read(offset);
    registers.write(offset, before);
    if ((low & 1U) != 0 || (low & 6U) != 4 || i + 1 == count) continue;  // I/O, 32-bit or absent
    const std::uint32_t before_high = registers.read(offset + 4);
    registers.write(offset + 4, 0xffffffffU);
    const std::uint64_t mask = std::uint64_t{registers.read(offset + 4)} << 32U | (low & ~0xfU);
    registers.write(offset + 4, before_high);
    if (mask != 0) bars.push_back({offset, ~mask + 1, (low & 8U) != 0});
    ++i;
  }
  return bars;
}

/// Whether a root port's slot takes devices while the machine runs. Source: PCI Express Base 5.0, section 7.5.3.
bool takes_hot_plug(PciRegisters& registers) {
  unsigned at = registers.read(0x34) & 0xfcU;
  for (unsigned i = 0; at != 0 && i < 48; ++i) {
    const std::uint32_t head = registers.read(at);
    if ((head & 0xffU) == 0x10) return (head >> 24U & 1U) != 0 && (registers.read(at + 0x14) >> 6U & 1U) != 0;
    at = head >> 8U & 0xfcU;
  }
  return false;
}

/// What the devices behind a bridge need of its prefetchable window.
std::uint64_t needed_behind(MachineBus& bus, PciRegisters& bridge, unsigned number) {
  bridge.write(0x18, number << 16U | number << 8U);
  std::uint64_t sum = 0;
  for (unsigned device = 0; device < 32; ++device) {
    PciRegisters child(bus, {number, device, 0});
    if (!child.present() || (child.header_type() & 0x7fU) != 0) continue;
    for (const Bar& bar : wide_bars(child, 6)) sum += bar.prefetchable ? bar.size : 0;
  }
  return aligned_up(sum, one_mib);
}

void add_requests(MachineBus& bus, PciFunction where, std::uint64_t reserved, unsigned& next_bus,
                  std::vector<RangeRequest>& requests) {
  PciRegisters registers(bus, where);
  const unsigned type = registers.header_type() & 0x7fU;
  for (const Bar& bar : wide_bars(registers, type == 0 ? 6 : 2)) requests.push_back({where, bar.offset, bar.size});
  if (type != 1 || (registers.read(0x24) & 0xfU) != 1) return;
  const std::uint64_t needed = needed_behind(bus, registers, next_bus++);
  const std::uint64_t size = std::max(needed, takes_hot_plug(registers) ? reserved : 0);
  if (size != 0) requests.push_back({where, std::nullopt, size});
}

std::vector<RangeRequest> requests_on_root_bus(MachineBus& bus, std::uint64_t reserved) {
  std::vector<RangeRequest> requests;
  unsigned next_bus = 1;
  for (unsigned device = 0; device < 32; ++device) {
    for (unsigned function = 0; function < 8; ++function) {
      PciRegisters registers(bus, {0, device, function});
      if (registers.present()) add_requests(bus, {0, device, function}, reserved, next_bus, requests);
      if (function == 0 && (!registers.present() || (registers.header_type() & 0x80U) == 0)) break;
    }
  }
  return requests;
}

void grant(MachineBus& bus, const RangeRequest& request, std::uint64_t base) {
  PciRegisters registers(bus, request.where);
  const std::uint64_t last = base + request.size - 1;
  const auto low = [](std::uint64_t value) { return static_cast<std::uint32_t>(value); };
  if (request.bar) {
    registers.write(*request.bar, low(base));
    registers.write(*request.bar + 4, low(base >> 32U));
  } else {
    registers.write(0x24, (low(last) >> 20U & 0xfffU) << 20U | (low(base) >> 20U & 0xfffU) << 4U);
    registers.write(0x28, low(base >> 32U));
    registers.write(0x2c, low(last >> 32U));
  }
  registers.write(0x04, 6, PortWidth::word);  // memory decoding, bus master
}

}  // namespace

AddressWindow pci_window_above_4g(const AddressWidth& width, const WindowInputs& inputs) {
  const std::vector<MemoryMapEntry> map = entries_of(inputs.memory_map);
  AddressWindow window;
  window.size =
      inputs.aperture_mib ? aligned_up(std::uint64_t{*inputs.aperture_mib} << 20U, one_gib) : default_aperture;
  if (window.size == 0) return window;
  std::uint64_t end = four_gib;
  for (const MemoryMapEntry& entry : map)
    if (entry.type.value() == type_ram) end = std::max(end, entry.base.value() + entry.length.value());
  if (inputs.reserved_memory_end) end = *inputs.reserved_memory_end;
  window.base = aligned_up(aligned_up(end, one_gib), std::bit_floor(window.size));
  const std::optional<unsigned> bits = believed_width(width);
  if (!bits) return window;
  const std::uint64_t space = std::uint64_t{1} << *bits, eighth = space >> 3U;
  if (window.size >= eighth || window.base + eighth >= space) return window;
  window = {space - eighth, eighth};
  for (const MemoryMapEntry& entry : map) {
    const std::uint64_t start = std::max(entry.base.value(), window.base);
    const std::uint64_t stop = std::min(entry.base.value() + entry.length.value(), window.base + window.size);
    if (start < stop) window.base = (entry.base.value() - window.size) & ~(window.size - 1);
  }
  return window;
}

void place_pci_ranges(MachineBus& bus, const AddressWindow& window) {
  PciRegisters low_pin_count(bus, {0, 0x1f, 0}), memory_controller(bus, {0, 0, 0});
  low_pin_count.write(0x40, 0x601);                  // power management at port 0x600
  low_pin_count.write(0x44, 0x80, PortWidth::byte);  // and on
  memory_controller.write(0x64, 0);
  memory_controller.write(0x60, 0xe0000001U);  // PCI Express configuration at 0xe0000000
  if (window.size == 0) return;
  const std::uint64_t reserved = window.size > default_aperture ? window.size >> 8U : 0;
  std::vector<RangeRequest> requests = requests_on_root_bus(bus, reserved);
  std::stable_sort(requests.begin(), requests.end(), [](const auto& a, const auto& b) { return a.size > b.size; });
  std::uint64_t next = window.base;
  for (const RangeRequest& request : requests) {
    const std::uint64_t start = aligned_up(next, std::bit_ceil(std::min(request.size, window.size)));
    if (request.size > window.size || start + request.size > window.base + window.size)
      throw base::Error(base::Kind::malformed, "PCI: a device asks for " + base::hex_number(request.size) +
                                                   " bytes, more than is left of the window of " +
                                                   base::hex_number(window.size) + " bytes above 4 GiB");
    grant(bus, request, start);
    next = start + request.size;
  }
}

}  // namespace provisioner
