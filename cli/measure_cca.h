#pragma once
#include <optional>
#include <string>

#include "cli/output_format.h"

namespace cli {

/// The shape of an Arm CCA Realm and what of its host shows, for `bulkhead measure cca`.
struct MeasureCcaOptions {
  std::string vmm = "qemu";
  std::optional<std::string> firmware, kernel, initrd, command_line, device_tree;
  std::string memory = "1GiB";
  unsigned vcpus = 1;
  std::optional<std::string> hash;  ///< the VMM's default: sha512 for QEMU, sha256 for kvmtool
  unsigned ipa_bits = 48, breakpoints = 2, watchpoints = 2, pmu_counters = 0, sve_bits = 0;
  bool pmu = false, lpa2 = false;
  OutputOptions output;
};

/// Writes the Realm Initial Measurement. @throws Error{usage} for flags that make no sense, Error{malformed} for files
/// that do not parse, Error{failure} when such a Realm cannot exist
int measure_cca(const MeasureCcaOptions& options, Console& console);

}  // namespace cli
