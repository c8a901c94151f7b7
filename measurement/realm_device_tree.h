#pragma once
#include <optional>
#include <string>
#include <utility>

#include "measurement/device_tree.h"

namespace measurement {

/// What the device tree of a Realm depends on.
struct RealmTreeInputs {
  std::uint64_t memory = 0;  ///< bytes
  unsigned vcpus = 1;
  bool pmu = false;
  std::optional<std::string> command_line;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> initrd;  ///< address, size
};

inline constexpr std::uint64_t qemu_memory_base = 0x40000000, kvmtool_memory_base = 0x80000000;
inline constexpr std::size_t kvmtool_tree_size = 0x10000;

/// The tree QEMU's virt machine gives to a Realm.
base::Buffer qemu_device_tree(const RealmTreeInputs& inputs);
/// The tree of kvmtool, zero-filled to its 64 KiB. @throws base::Error{failure} when it does not fit
base::Buffer kvmtool_device_tree(const RealmTreeInputs& inputs);

}  // namespace measurement
