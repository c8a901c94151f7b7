#pragma once
#include <optional>
#include <string>

#include "cli/boot_file_options.h"
#include "cli/machine_options.h"
#include "cli/output_format.h"
#include "cli/td_options.h"

namespace cli {

/// The shape of a TD and what its host does, for `bulkhead measure tdx`. Values are texts as given.
struct MeasureTdxOptions {
  BootFileOptions files;
  std::optional<std::string> uki;  ///< a unified kernel image, instead of a kernel
  MachineOptions machine{.memory = "2GiB"};
  std::optional<std::string> acpi;  ///< "qemu", or a folder with a dump of fw_cfg
  TdOptions td;
  std::optional<std::string> mr_config_id, mr_owner, mr_owner_config;
  OutputOptions output;
};

/// bulkhead.measurement/v1 of a TD: MRTD, the RTMRs as far as they can be known and why not, and the events behind
/// them.
/// @throws Error{usage} for flags that make no sense, Error{malformed} for files that do not parse, Error{failure} for
/// firmware that starts no TD
Output tdx_output(const MeasureTdxOptions& options);
/// Writes it in the format asked for.
int measure_tdx(const MeasureTdxOptions& options, Console& console);

}  // namespace cli
