#include "provisioner/pci_placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/error.h"

namespace {

using provisioner::AddressWidth;
using provisioner::AddressWindow;
using provisioner::MachineBus;
using provisioner::pci_window_above_4g;
using provisioner::place_pci_ranges;
using provisioner::PortWidth;
using provisioner::WindowInputs;

struct Range {
  std::uint64_t base, length;
  std::uint32_t type;
};
constexpr Range low_2g{0, 0x80000000, 1};

WindowInputs map_of(std::initializer_list<Range> ranges) {
  WindowInputs inputs;
  for (const Range& range : ranges) {
    for (unsigned i = 0; i < 8; ++i) inputs.memory_map.push_back(static_cast<std::uint8_t>(range.base >> (8 * i)));
    for (unsigned i = 0; i < 8; ++i) inputs.memory_map.push_back(static_cast<std::uint8_t>(range.length >> (8 * i)));
    for (unsigned i = 0; i < 4; ++i) inputs.memory_map.push_back(static_cast<std::uint8_t>(range.type >> (8 * i)));
  }
  return inputs;
}

TEST(PciWindow, IsTheLastEighthOfTheAddressSpaceTheFirmwareBelieves) {
  const Range high{0x100000000, 0x80000000, 1}, amd_hole{0xfd00000000, 0x300000000, 2};
  const struct {
    const char* what;
    AddressWidth width;
    WindowInputs inputs;
    AddressWindow wanted;
  } cases[] = {
      // The constants of shared/vectors/tdx: live TDs place it at 0x380000000000, AMD guests of 40 bits below the hole.
      {"TDX host", {"GenuineIntel", 46, true}, map_of({low_2g}), {0x380000000000, 0x80000000000}},
      {"52 bits count as 46", {"GenuineIntel", 52, true}, map_of({low_2g}), {0x380000000000, 0x80000000000}},
      {"AMD hole", {"AuthenticAMD", 40, false}, map_of({low_2g, amd_hole}), {0xc000000000, 0x2000000000}},
      {"no 1 GiB pages", {"AuthenticAMD", 48, false}, map_of({low_2g}), {0xe000000000, 0x2000000000}},
      {"Intel of 40 bits is QEMU's default", {"GenuineIntel", 40, true}, map_of({low_2g}), {0x800000000, 0x800000000}},
      {"above the memory",
       {"GenuineIntel", 40, true},
       map_of({low_2g, {0x100000000, 0x800000000, 1}}),
       {0x1000000000, 0x800000000}},
      {"small address space", {"GenuineIntel", 36, true}, map_of({low_2g, high}), {0x800000000, 0x800000000}},
  };
  for (const auto& known : cases) {
    const AddressWindow window = pci_window_above_4g(known.width, known.inputs);
    EXPECT_EQ(window.base, known.wanted.base) << known.what;
    EXPECT_EQ(window.size, known.wanted.size) << known.what;
  }
}

TEST(PciWindow, FollowsTheApertureAndHotPlugMemoryTheHypervisorNames) {
  WindowInputs inputs = map_of({low_2g});
  inputs.aperture_mib = 65536;
  inputs.reserved_memory_end = 0x1100000000;
  EXPECT_EQ(pci_window_above_4g({"GenuineIntel", 40, true}, inputs), (AddressWindow{0x2000000000, 0x1000000000}));
  inputs.aperture_mib = 0;
  EXPECT_EQ(pci_window_above_4g({"GenuineIntel", 46, true}, inputs), AddressWindow{});
}

TEST(PciWindow, RejectsAMemoryMapThatIsNoList) {
  WindowInputs inputs = map_of({low_2g});
  inputs.memory_map.pop_back();
  EXPECT_THROW(pci_window_above_4g({}, inputs), base::Error);
}

/// Configuration space of a few functions: plain registers, and address registers that keep only their size's bits.
class FakePci : public MachineBus {
 public:
  /// (bus << 16 | device << 11 | function << 8 | offset) to value; a function exists when it has an offset 0.
  std::map<std::uint32_t, std::uint32_t> registers;
  std::map<std::uint32_t, std::uint32_t> writable;  ///< bits that a write changes; others keep

  void add(unsigned bus, unsigned device, unsigned function, std::uint32_t header_type) {
    registers[at(bus, device, function, 0)] = 0x10001af4;
    registers[at(bus, device, function, 0x0c)] = header_type << 16U;
  }
  void wide_bar(unsigned bus, unsigned device, unsigned offset, std::uint64_t size, std::uint32_t flags) {
    const std::uint32_t low = at(bus, device, 0, offset);
    registers[low] = flags;
    writable[low] = static_cast<std::uint32_t>(~(size - 1)) & ~0xfU;
    writable[low + 4] = static_cast<std::uint32_t>(~(size - 1) >> 32U);
  }
  static std::uint32_t at(unsigned bus, unsigned device, unsigned function, unsigned offset) {
    return bus << 16U | device << 11U | function << 8U | offset;
  }

  void out(PortWidth width, std::uint16_t port, std::uint32_t value) override {
    if (port == 0xcf8) {
      address_ = value & 0xffffffU;
    } else if (exists()) {
      const std::uint32_t mask = writable.contains(address_) ? writable[address_] : ~0U;
      const std::uint32_t width_mask = width == PortWidth::dword ? ~0U : width == PortWidth::word ? 0xffffU : 0xffU;
      std::uint32_t& now = registers[address_];
      now = (now & ~(mask & width_mask)) | (value & mask & width_mask);
    }
  }
  std::uint32_t in(PortWidth, std::uint16_t) override { return exists() ? registers[address_] : 0xffffffff; }
  void write(std::uint64_t, base::Bytes) override {}
  base::Buffer read(std::uint64_t, std::size_t size) override { return base::Buffer(size); }
  void store(std::uint64_t, std::uint32_t) override {}
  std::uint32_t load(std::uint64_t) override { return 0; }

 private:
  bool exists() { return registers.contains(address_ & ~0xffU); }
  std::uint32_t address_ = 0;
};

constexpr AddressWindow tdx_window{0x380000000000, 0x80000000000};

TEST(PciRanges, StartAtTheWindowWithTheLargest) {
  FakePci pci;
  pci.add(0, 2, 0, 0);
  pci.wide_bar(0, 2, 0x20, 0x4000, 0xc);
  pci.add(0, 3, 0, 0);
  pci.wide_bar(0, 3, 0x10, 0x100000000, 0xc);
  place_pci_ranges(pci, tdx_window);
  EXPECT_EQ(pci.registers[FakePci::at(0, 3, 0, 0x14)], 0x3800U);
  EXPECT_EQ(pci.registers[FakePci::at(0, 3, 0, 0x10)], 0xcU);
  EXPECT_EQ(pci.registers[FakePci::at(0, 2, 0, 0x24)], 0x3801U);
  EXPECT_EQ(pci.registers[FakePci::at(0, 2, 0, 4)], 6U);
}

TEST(PciRanges, OfAHotPlugPortAreA256thOfTheWindow) {
  FakePci pci;
  pci.add(0, 1, 0, 0x01);
  pci.registers[FakePci::at(0, 1, 0, 0x24)] = 0x00010001;  // a 64-bit prefetchable window
  pci.registers[FakePci::at(0, 1, 0, 0x34)] = 0x54;
  pci.registers[FakePci::at(0, 1, 0, 0x54)] = 0x01420010;  // PCI Express capability, slot implemented
  pci.registers[FakePci::at(0, 1, 0, 0x68)] = 0x40;        // hot-plug capable
  place_pci_ranges(pci, tdx_window);
  EXPECT_EQ(pci.registers[FakePci::at(0, 1, 0, 0x28)], 0x3800U);
  EXPECT_EQ(pci.registers[FakePci::at(0, 1, 0, 0x2c)], 0x3807U);  // 32 GiB
  EXPECT_EQ(pci.registers[FakePci::at(0, 1, 0, 0x24)], 0xfff00000U);
}

TEST(PciRanges, OfAColdPortAreWhatIsBehindIt) {
  FakePci pci;
  pci.add(0, 1, 0, 0x01);
  pci.registers[FakePci::at(0, 1, 0, 0x24)] = 0x00010001;
  pci.add(1, 0, 0, 0);
  pci.wide_bar(1, 0, 0x20, 0x4000, 0xc);
  place_pci_ranges(pci, tdx_window);
  EXPECT_EQ(pci.registers[FakePci::at(0, 1, 0, 0x28)], 0x3800U);
  EXPECT_EQ(pci.registers[FakePci::at(0, 1, 0, 0x24)], 0U);  // one MiB: the same base and limit
  EXPECT_EQ(pci.registers[FakePci::at(1, 0, 0, 0x20)], 0xcU) << "only the root bus shows in the tables";
}

TEST(PciRanges, ThatDoNotFitAreAnError) {
  FakePci pci;
  pci.add(0, 2, 0, 0);
  pci.wide_bar(0, 2, 0x10, 0x10000000000000, 0xc);
  EXPECT_THROW(place_pci_ranges(pci, tdx_window), base::Error);
}

}  // namespace
