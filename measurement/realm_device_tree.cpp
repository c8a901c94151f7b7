#include "measurement/realm_device_tree.h"

#include "base/error.h"

namespace measurement {
namespace {

constexpr std::uint32_t shared_interrupt = 0, private_interrupt = 1;
constexpr std::uint32_t edge_rising = 1, level_high = 4, level_low = 8;
constexpr std::uint32_t pci_io = 0x01000000, pci_memory = 0x02000000, pci_memory_64 = 0x03000000;
constexpr std::uint64_t redistributor_size = 0x20000, its_size = 0x20000;

std::uint32_t low(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
std::uint32_t high(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32U);
}
/// The first cell of a PCI unit address: the slot.
std::uint32_t slot_cell(unsigned slot) {
  return slot << 11U;
}

void add_processors(DeviceTreeWriter& tree, unsigned vcpus) {
  tree.begin_node("cpus");
  tree.cells("#size-cells", {0});
  tree.cells("#address-cells", {1});
  for (unsigned i = 0; i < vcpus; ++i) {
    tree.begin_node("cpu@" + std::to_string(i));
    tree.cells("reg", {i});
    tree.text("enable-method", "psci");
    tree.text("compatible", "arm,armv8");
    tree.text("device_type", "cpu");
    tree.end_node();
  }
  tree.end_node();
}

void begin_machine(DeviceTreeWriter& tree, const RealmTreeInputs& inputs, std::uint64_t memory_base,
                   std::uint32_t interrupt_parent) {
  tree.begin_node("");
  tree.text("compatible", "linux,dummy-virt");
  tree.text("model", "linux,dummy-virt-realm");
  tree.cells("#address-cells", {2});
  tree.cells("#size-cells", {2});
  tree.cells("interrupt-parent", {interrupt_parent});
  tree.begin_node("chosen");
  if (inputs.command_line) tree.text("bootargs", *inputs.command_line);
  if (inputs.initrd) {
    tree.wide_cells("linux,initrd-start", {inputs.initrd->first});
    tree.wide_cells("linux,initrd-end", {inputs.initrd->first + inputs.initrd->second});
  }
  tree.end_node();
  tree.begin_node("memory", memory_base);
  tree.text("device_type", "memory");
  tree.wide_cells("reg", {memory_base, inputs.memory});
  tree.end_node();
  add_processors(tree, inputs.vcpus);
  tree.begin_node("psci");
  tree.cells("cpu_on", {0xc4000003});
  tree.cells("cpu_off", {0x84000002});
  tree.text("method", "smc");
  tree.texts("compatible", {"arm,psci-1.0", "arm,psci-0.2", "arm,psci"});
  tree.end_node();
}

void add_timer(DeviceTreeWriter& tree, std::uint32_t trigger) {
  tree.begin_node("timer");
  std::vector<std::uint32_t> interrupts;
  for (const std::uint32_t number : {13U, 14U, 11U})
    interrupts.insert(interrupts.end(), {private_interrupt, number, trigger});
  tree.cells("interrupts", interrupts);
  tree.flag("always-on");
  tree.texts("compatible", {"arm,armv8-timer", "arm,armv7-timer"});
  tree.end_node();
}

void add_pmu(DeviceTreeWriter& tree) {
  tree.begin_node("pmu");
  tree.cells("interrupts", {private_interrupt, 7, level_high});
  tree.text("compatible", "arm,armv8-pmuv3");
  tree.end_node();
}

// QEMU hands out phandles from 0x8000 on: the clock, the processors, then these.
constexpr std::uint32_t clock_phandle = 0x8000;
struct QemuPhandles {
  std::uint32_t controller, its;
  explicit QemuPhandles(unsigned vcpus) : controller(clock_phandle + vcpus + 1), its(controller + 1) {}
};

void add_qemu_buses(DeviceTreeWriter& tree, const QemuPhandles& phandles) {
  tree.begin_node("platform-bus", 0xc000000);
  tree.cells("interrupt-parent", {phandles.controller});
  tree.cells("ranges", {0, 0, 0xc000000, 0x2000000});
  tree.cells("#address-cells", {1});
  tree.cells("#size-cells", {1});
  tree.texts("compatible", {"qemu,platform", "simple-bus"});
  tree.end_node();
  tree.begin_node("fw-cfg", 0x9020000);
  tree.flag("dma-coherent");
  tree.wide_cells("reg", {0x9020000, 0x18});
  tree.text("compatible", "qemu,fw-cfg-mmio");
  tree.end_node();
  for (std::uint32_t i = 0; i < 32; ++i) {
    const std::uint64_t address = 0xa000000 + std::uint64_t{0x200} * i;
    tree.begin_node("virtio_mmio", address);
    tree.flag("dma-coherent");
    tree.cells("interrupts", {shared_interrupt, 16 + i, edge_rising});
    tree.wide_cells("reg", {address, 0x200});
    tree.text("compatible", "virtio,mmio");
    tree.end_node();
  }
}

void add_qemu_pci(DeviceTreeWriter& tree, const QemuPhandles& phandles) {
  constexpr std::uint64_t io = 0x3eff0000, memory = 0x10000000, memory_64 = 0x8000000000;
  tree.begin_node("pcie", memory);
  std::vector<std::uint32_t> map;
  for (std::uint32_t slot = 0; slot < 4; ++slot)
    for (std::uint32_t pin = 0; pin < 4; ++pin)
      map.insert(map.end(), {slot_cell(slot), 0, 0, pin + 1, phandles.controller, 0, 0, shared_interrupt,
                             3 + (pin + slot) % 4, level_high});
  tree.cells("interrupt-map", map);
  tree.cells("interrupt-map-mask", {slot_cell(3), 0, 0, 7});
  tree.cells("#interrupt-cells", {1});
  tree.cells("ranges", {pci_io,
                        0,
                        0,
                        0,
                        low(io),
                        0,
                        0x10000,  //
                        pci_memory,
                        0,
                        low(memory),
                        0,
                        low(memory),
                        0,
                        0x2eff0000,  //
                        pci_memory_64,
                        high(memory_64),
                        low(memory_64),
                        high(memory_64),  //
                        low(memory_64),
                        high(memory_64),
                        low(memory_64)});
  tree.wide_cells("reg", {0x4010000000, 0x10000000});
  tree.cells("msi-map", {0, phandles.its, 0, 0x10000});
  tree.flag("dma-coherent");
  tree.cells("bus-range", {0, 0xff});
  tree.cells("linux,pci-domain", {0});
  tree.cells("#size-cells", {2});
  tree.cells("#address-cells", {3});
  tree.text("device_type", "pci");
  tree.text("compatible", "pci-host-ecam-generic");
  tree.end_node();
}

void add_qemu_clock_and_console(DeviceTreeWriter& tree) {
  tree.begin_node("pl031", 0x9010000);
  tree.text("clock-names", "apb_pclk");
  tree.wide_cells("reg", {0x9010000, 0x1000});
  tree.cells("clocks", {clock_phandle});
  tree.cells("interrupts", {shared_interrupt, 2, level_high});
  tree.texts("compatible", {"arm,pl031", "arm,primecell"});
  tree.end_node();
  tree.begin_node("pl011", 0x9000000);
  tree.texts("clock-names", {"uartclk", "apb_pclk"});
  tree.wide_cells("reg", {0x9000000, 0x1000});
  tree.cells("clocks", {clock_phandle, clock_phandle});
  tree.cells("interrupts", {shared_interrupt, 1, level_high});
  tree.texts("compatible", {"arm,pl011", "arm,primecell"});
  tree.end_node();
}

void add_qemu_interrupt_controller(DeviceTreeWriter& tree, const QemuPhandles& phandles, unsigned vcpus) {
  constexpr std::uint64_t redistributors = 0xf60000;
  std::vector<std::uint64_t> ranges{0x8000000, 0x10000, 0x80a0000, redistributors};
  if (vcpus > redistributors / redistributor_size) ranges.insert(ranges.end(), {0x4000000000, 0x4000000});
  tree.begin_node("intc", 0x8000000);
  tree.cells("phandle", {phandles.controller});
  tree.wide_cells("reg", ranges);
  tree.cells("#redistributor-regions", {static_cast<std::uint32_t>(ranges.size() / 2 - 1)});
  tree.text("compatible", "arm,gic-v3");
  tree.flag("ranges");
  tree.cells("#size-cells", {2});
  tree.cells("#address-cells", {2});
  tree.flag("interrupt-controller");
  tree.cells("#interrupt-cells", {3});
  tree.begin_node("its", 0x8080000);
  tree.cells("phandle", {phandles.its});
  tree.wide_cells("reg", {0x8080000, its_size});
  tree.cells("#msi-cells", {1});
  tree.flag("msi-controller");
  tree.text("compatible", "arm,gic-v3-its");
  tree.end_node();
  tree.end_node();
}

constexpr std::uint32_t kvmtool_controller = 1, kvmtool_its = 2;

void add_kvmtool_interrupt_controller(DeviceTreeWriter& tree, unsigned vcpus) {
  constexpr std::uint64_t distributor = 0x3fff0000;
  const std::uint64_t size = redistributor_size * vcpus;
  tree.begin_node("intc");
  tree.text("compatible", "arm,gic-v3");
  tree.cells("#interrupt-cells", {3});
  tree.flag("interrupt-controller");
  tree.wide_cells("reg", {distributor, 0x10000, distributor - size, size});
  tree.cells("phandle", {kvmtool_controller});
  tree.cells("#address-cells", {2});
  tree.cells("#size-cells", {2});
  tree.flag("ranges");
  tree.begin_node("msic");
  tree.text("compatible", "arm,gic-v3-its");
  tree.flag("msi-controller");
  tree.cells("phandle", {kvmtool_its});
  tree.wide_cells("reg", {distributor - size - its_size, its_size});
  tree.end_node();
  tree.end_node();
}

void add_kvmtool_devices(DeviceTreeWriter& tree) {
  for (std::uint32_t i = 0; i < 4; ++i) {
    const std::uint64_t address = 0x1000000 + std::uint64_t{0x1000} * i;
    tree.begin_node("U6_16550A", address);
    tree.text("compatible", "ns16550a");
    tree.wide_cells("reg", {address, 8});
    tree.cells("interrupts", {shared_interrupt, i, level_high});
    tree.cells("clock-frequency", {1843200});
    tree.end_node();
  }
  tree.begin_node("rtc", 0x1010000);
  tree.text("compatible", "motorola,mc146818");
  tree.wide_cells("reg", {0x1010000, 2});
  tree.end_node();
}

void add_kvmtool_pci(DeviceTreeWriter& tree) {
  constexpr std::uint32_t configuration = 0x40000000, memory = 0x50000000;
  tree.begin_node("pci", configuration);
  tree.text("device_type", "pci");
  tree.cells("#address-cells", {3});
  tree.cells("#size-cells", {2});
  tree.flag("dma-coherent");
  tree.cells("bus-range", {0, 0});
  tree.text("compatible", "pci-host-ecam-generic");
  tree.wide_cells("reg", {configuration, memory - configuration});
  tree.cells("ranges",
             {pci_io, 0, 0, 0, 0, 0, 0x10000, pci_memory, 0, memory, 0, memory, 0, low(kvmtool_memory_base) - memory});
  std::vector<std::uint32_t> map;
  for (std::uint32_t slot = 0; slot < 32; ++slot)
    map.insert(map.end(),
               {slot_cell(slot), 0, 0, 1, kvmtool_controller, 0, 0, shared_interrupt, 64 + slot, level_high});
  tree.cells("interrupt-map", map);
  tree.cells("interrupt-map-mask", {slot_cell(31), 0, 0, 7});
  tree.cells("#interrupt-cells", {1});
  tree.cells("msi-map", {0, kvmtool_its, 0, 0x10000});
  tree.end_node();
}

}  // namespace

base::Buffer qemu_device_tree(const RealmTreeInputs& inputs) {
  const QemuPhandles phandles(inputs.vcpus);
  DeviceTreeWriter tree;
  begin_machine(tree, inputs, qemu_memory_base, phandles.controller);
  add_qemu_buses(tree, phandles);
  add_qemu_pci(tree, phandles);
  add_qemu_clock_and_console(tree);
  if (inputs.pmu) add_pmu(tree);
  add_qemu_interrupt_controller(tree, phandles, inputs.vcpus);
  add_timer(tree, level_high);
  tree.begin_node("apb-pclk");
  tree.cells("phandle", {clock_phandle});
  tree.text("clock-output-names", "clk24mhz");
  tree.cells("clock-frequency", {24000000});
  tree.cells("#clock-cells", {0});
  tree.text("compatible", "fixed-clock");
  tree.end_node();
  tree.end_node();
  return std::move(tree).finish();
}

base::Buffer kvmtool_device_tree(const RealmTreeInputs& inputs) {
  DeviceTreeWriter tree;
  begin_machine(tree, inputs, kvmtool_memory_base, kvmtool_controller);
  add_kvmtool_interrupt_controller(tree, inputs.vcpus);
  add_timer(tree, level_low);
  if (inputs.pmu) add_pmu(tree);
  add_kvmtool_devices(tree);
  add_kvmtool_pci(tree);
  tree.end_node();
  base::Buffer bytes = std::move(tree).finish();
  if (bytes.size() > kvmtool_tree_size)
    throw base::Error(base::Kind::failure, "realm: device tree of " + std::to_string(bytes.size()) +
                                               " bytes, wanted at most 65536; fewer vCPUs");
  bytes.resize(kvmtool_tree_size);
  return bytes;
}

}  // namespace measurement
