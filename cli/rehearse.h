#pragma once
#include <optional>
#include <string>

#include "cli/boot_file_options.h"
#include "cli/console.h"
#include "cli/machine_options.h"

namespace cli {

/// A launch to be tried under emulation, and what to compare it with: the prediction for the same launch.
struct RehearseOptions {
  BootFileOptions files;
  std::optional<std::string> uki;  ///< a unified kernel image instead of a kernel, started with QEMU -kernel
  MachineOptions machine;
  unsigned timeout = 120;           ///< seconds
  std::optional<std::string> keep;  ///< a folder for the event log, the console and the tables
  bool json = false;
};

/// Boots the launch with QEMU under TCG on a software TPM and sets what really was measured beside what was predicted,
/// event by event and register by register. Exit 0 when all in scope is equal, 5 when it differs.
/// @throws Error{host} when this machine lacks something, with the remedy; Error{usage}, Error{malformed} for the input
int rehearse(const RehearseOptions& options, Console& console);

}  // namespace cli
