#include <CLI/CLI.hpp>
#include <memory>

#include "cli/measure_tdx.h"
#include "cli/verbs.h"

namespace cli {

void add_measure_tdx(CLI::App& measure, Action& action) {
  const auto options = std::make_shared<MeasureTdxOptions>();
  CLI::App* const verb = measure.add_subcommand("tdx", "MRTD and RTMRs of an Intel TDX guest");
  add_boot_file_options(*verb, options->files);
  verb->get_option("--cmdline")->remove_needs(verb->get_option("--kernel"));  // it may also go with --uki
  verb->add_option("--uki", options->uki, "a unified kernel image, instead of --kernel")
      ->excludes(verb->get_option("--kernel"));
  add_machine_options(*verb, options->machine);
  verb->add_option("--acpi", options->acpi,
                   "qemu: the tables of the QEMU installed here; or a folder with a dump of its fw_cfg");
  add_qemu_options(*verb, options->machine);
  add_td_options(*verb, options->td);
  verb->add_option("--mrconfigid", options->mr_config_id, "48 bytes in hex or base64");
  verb->add_option("--mrowner", options->mr_owner, "48 bytes in hex or base64");
  verb->add_option("--mrownerconfig", options->mr_owner_config, "48 bytes in hex or base64");
  add_output_options(*verb, options->output);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return measure_tdx(*options, console); }; });
}

}  // namespace cli
