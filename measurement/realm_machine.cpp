#include "measurement/realm_machine.h"

#include <algorithm>
#include <bit>

#include "base/byte_reader.h"
#include "base/encoding.h"
#include "base/error.h"
#include "measurement/realm_device_tree.h"

namespace measurement {
namespace {

constexpr std::uint64_t mib = 1ULL << 20U;
constexpr unsigned most_vcpus = 512;

std::uint64_t aligned(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

[[noreturn]] void refuse(base::Kind kind, const std::string& what) {
  throw base::Error(kind, "realm: " + what);
}

/// Linux Documentation/arch/arm64/booting.rst.
struct ImageHeader {
  base::le32 code0, code1;
  base::le64 text_offset, image_size, flags, reserved2, reserved3, reserved4;
  std::array<char, 4> magic;
  base::le32 reserved5;
};
static_assert(sizeof(ImageHeader) == 64);

ImageHeader read_kernel(base::Bytes kernel) {
  const auto header = base::ByteReader("arm64 kernel", kernel).take<ImageHeader>();
  if (std::string_view(header.magic.data(), 4) != "ARM\x64")
    refuse(base::Kind::malformed, "kernel+0x38: no 'ARMd' magic, wanted an uncompressed arm64 Image");
  if (header.text_offset.value() > 128 * mib || header.image_size.value() > (1ULL << 32U))
    refuse(base::Kind::malformed, "kernel+0x8: text offset or image size is out of range");
  return header;
}

void check(const RealmMachine& machine, std::uint64_t memory_unit, std::uint64_t most_memory) {
  if (machine.vcpus == 0 || machine.vcpus > most_vcpus)
    refuse(base::Kind::malformed, "vCPUs: got " + std::to_string(machine.vcpus) + ", wanted 1 to 512");
  if (machine.memory == 0 || machine.memory % memory_unit != 0 || machine.memory > most_memory)
    refuse(base::Kind::malformed, "memory: got " + base::hex_number(machine.memory) + " bytes, wanted multiples of " +
                                      base::hex_number(memory_unit) + " up to " + base::hex_number(most_memory));
  if (machine.kernel.empty() && !machine.initrd.empty()) refuse(base::Kind::usage, "initrd: wanted with a kernel only");
}

Realm realm_of(const RealmMachine& machine, std::uint64_t memory_base, unsigned ipa_bits) {
  Realm realm;
  realm.parameters = machine.host;
  realm.parameters.ipa_bits = std::min(machine.host.ipa_bits, ipa_bits);
  if (!machine.host.pmu) realm.parameters.pmu_counters = 0;
  realm.memory = {{memory_base, machine.memory}};
  return realm;
}

void add_image(Realm& realm, std::uint64_t address, base::Bytes content) {
  if (!realm.images.emplace(address, content).second)
    refuse(base::Kind::failure, "two images at " + base::hex_number(address));
}

void add_device_tree(PreparedRealm& prepared, const RealmMachine& machine, std::uint64_t address,
                     base::Buffer generated) {
  prepared.device_tree = machine.device_tree.empty() ? std::move(generated) : base::buffer_of(machine.device_tree);
  add_image(prepared.realm, address, prepared.device_tree);
}

RealmTreeInputs tree_inputs(const RealmMachine& machine, std::optional<std::string> command_line) {
  return {machine.memory, machine.vcpus, machine.host.pmu, std::move(command_line), std::nullopt};
}

}  // namespace

PreparedRealm qemu_realm(const RealmMachine& machine) {
  constexpr unsigned memory_map_bits = 41;  // PCI above 256 GiB, and one bit for what is not the Realm's
  check(machine, mib, 255ULL << 30U);
  if (machine.host.ipa_bits < memory_map_bits)
    refuse(base::Kind::failure, "IPA bits: got " + std::to_string(machine.host.ipa_bits) + ", wanted at least 41");
  PreparedRealm prepared{{}, realm_of(machine, qemu_memory_base, memory_map_bits)};
  RealmTreeInputs tree = tree_inputs(machine, machine.command_line);
  std::uint64_t tree_address = qemu_memory_base;
  if (!machine.firmware.empty()) {
    add_image(prepared.realm, 0, machine.firmware);
  } else if (!machine.kernel.empty()) {
    const ImageHeader header = read_kernel(machine.kernel);
    const std::uint64_t kernel = qemu_memory_base + header.text_offset.value();
    const std::uint64_t initrd = aligned(
        std::max(qemu_memory_base + std::min(machine.memory / 2, 128 * mib), kernel + header.image_size.value()), 4096);
    add_image(prepared.realm, kernel, machine.kernel);
    if (!machine.initrd.empty()) {
      add_image(prepared.realm, initrd, machine.initrd);
      tree.initrd = {initrd, machine.initrd.size()};
    }
    tree_address = aligned(initrd + machine.initrd.size(), 2 * mib);
  }
  if (machine.firmware.empty()) {
    prepared.realm.entry = qemu_memory_base;
    prepared.realm.arguments[0] = tree_address;
  }
  add_device_tree(prepared, machine, tree_address, qemu_device_tree(tree));
  return prepared;
}

PreparedRealm kvmtool_realm(const RealmMachine& machine) {
  check(machine, 2 * mib, 1ULL << 40U);
  const std::uint64_t last = kvmtool_memory_base + machine.memory - 1;
  const auto bits = static_cast<unsigned>(std::bit_width(last));  // one more than the last address needs
  PreparedRealm prepared{{}, realm_of(machine, kvmtool_memory_base, std::max(bits, 33U))};
  const std::uint64_t top = kvmtool_memory_base + std::min(machine.memory, 256 * mib);
  const std::uint64_t tree_address = aligned(top - 2 * mib - kvmtool_tree_size, 2 * mib);
  RealmTreeInputs tree = tree_inputs(machine, " console=hvc0 root=/dev/vda rw ");
  if (machine.command_line && !machine.command_line->empty()) *tree.command_line += " " + *machine.command_line;
  if (!machine.kernel.empty()) {
    add_image(prepared.realm, kvmtool_memory_base + read_kernel(machine.kernel).text_offset.value(), machine.kernel);
    prepared.realm.entry = kvmtool_memory_base;
  }
  if (!machine.initrd.empty()) {
    if (machine.initrd.size() + 4 > tree_address - kvmtool_memory_base)
      refuse(base::Kind::failure, "initrd of " + std::to_string(machine.initrd.size()) + " bytes does not fit");
    tree.initrd = {aligned(tree_address - machine.initrd.size() - 4, 4), machine.initrd.size()};
    add_image(prepared.realm, tree.initrd->first, machine.initrd);
  }
  if (!machine.firmware.empty()) {
    add_image(prepared.realm, kvmtool_memory_base, machine.firmware);
    prepared.realm.entry = kvmtool_memory_base;
  }
  prepared.realm.arguments[0] = tree_address;
  add_device_tree(prepared, machine, tree_address, kvmtool_device_tree(tree));
  return prepared;
}

}  // namespace measurement
