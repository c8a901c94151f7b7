#pragma once
#include <optional>
#include <string>

#include "cli/boot_file_options.h"
#include "cli/machine_options.h"
#include "cli/output_format.h"

namespace cli {

/// One emulated guest: a kernel for direct boot, or a unified kernel image.
struct MeasurePcrOptions {
  BootFileOptions files;
  std::optional<std::string> uki;
  std::optional<std::string> disk, loader, loader_configuration;  ///< with `uki`: what it is started from
  std::optional<std::string> variables;                           ///< the firmware's VARS file
  MachineOptions machine;
  std::optional<std::string> acpi;  ///< "qemu", or a folder with a dump of fw_cfg: then PCR 1 is predicted too
  OutputOptions output;
};

/// Writes the PCRs of both banks and the events behind them. Text says what it assumed.
int measure_pcr(const MeasurePcrOptions& options, Console& console);

}  // namespace cli
