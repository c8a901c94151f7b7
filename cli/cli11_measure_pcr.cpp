#include <CLI/CLI.hpp>
#include <memory>

#include "cli/measure_pcr.h"
#include "cli/verbs.h"

namespace cli {

void add_measure_pcr(CLI::App& measure, Action& action) {
  const auto options = std::make_shared<MeasurePcrOptions>();
  CLI::App* const verb = measure.add_subcommand("pcr", "the TPM registers of an emulated guest");
  add_boot_file_options(*verb, options->files);
  for (const char* const name : {"--initrd", "--cmdline"})  // these may also go with --uki
    verb->get_option(name)->remove_needs(verb->get_option("--kernel"));
  CLI::Option* const uki = verb->add_option("--uki", options->uki, "a unified kernel image, instead of --kernel");
  verb->add_option("--disk", options->disk, "the disk the image is started from, or its first MiB; else QEMU -kernel")
      ->needs(uki);
  verb->add_option("--loader", options->loader, "the systemd-boot on the disk, when it starts the image");
  verb->add_option("--loader-conf", options->loader_configuration, "its loader.conf, when there is one");
  verb->add_option("--vars", options->variables, "the firmware's variable store, when keys are enrolled");
  add_machine_options(*verb, options->machine);
  verb->add_option("--acpi", options->acpi, "qemu: the tables of the QEMU installed here; or a folder with a dump");
  add_qemu_options(*verb, options->machine);
  add_output_options(*verb, options->output);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return measure_pcr(*options, console); }; });
}

}  // namespace cli
