#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/units.h"
#include "measurement/uki_events.h"

namespace measurement {

/// What can make a prediction wrong or impossible.
struct LintInputs {
  base::Tee tee = base::Tee::emulated;
  std::string machine;                        ///< QEMU's: "pc-q35-10.0"
  bool has_tpm = true;                        ///< the guest has a TPM
  std::optional<std::string> kernel_version;  ///< kernel_version() of the kernel; absent when it names none
  const Uki* uki = nullptr;                   ///< absent for a kernel of its own
  UkiPath path = UkiPath::qemu_kernel;
  std::string command_line;        ///< of the kernel
  bool unknown_authority = false;  ///< Secure Boot is on and the entry of db for what is started is not known
};

/// One sentence for each finding: what it does to which register, and the remedy.
std::vector<std::string> boot_warnings(const LintInputs& inputs);

/// Whether a machine type names its version: "pc-q35-10.0", not "q35" or "pc".
bool is_pinned_machine(std::string_view machine) noexcept;

}  // namespace measurement
