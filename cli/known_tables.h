#pragma once
#include <string>

#include "cli/machine_options.h"
#include "measurement/explain.h"

namespace cli {

/// Where tables that a launch may have been started with come from.
struct TablesSource {
  measurement::KnownTables tables;
  measurement::HypervisorVersion version;  ///< 0.0 where the source does not say it
};

/// The value of --acpi: "qemu" or a folder with a dump (fw_cfg_source.h). The QEMU is asked anew for every shape that
/// is wanted; at once for `planned`, as a TD, which needs no software TPM.
/// @throws Error{host} when there is no QEMU; Error{failure} when the folder has no dump
TablesSource tables_source(const std::string& acpi, const MachineOptions& planned);

}  // namespace cli
