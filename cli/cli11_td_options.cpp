#include <CLI/CLI.hpp>

#include "cli/td_options.h"

namespace cli {

void add_td_options(CLI::App& verb, TdOptions& options) {
  verb.add_option("--qemu-version", options.qemu_version, "10.2, where the machine type does not say the least of it");
  verb.add_option("--page-order", options.page_order, "how a TD's host adds pages: single-pass, two-pass")
      ->capture_default_str();
  verb.add_option("--generation", options.generation,
                  "the edk2 release of the firmware, such as 202505, if not as found");
  verb.add_option("--processor-id", options.processor_id, "CPUID.1 EAX and EDX of the host as SMBIOS has them, in hex");
}

}  // namespace cli
