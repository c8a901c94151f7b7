#include <CLI/CLI.hpp>
#include <memory>

#include "cli/rehearse.h"
#include "cli/verbs.h"

namespace cli {

void add_rehearse(CLI::App& app, Action& action) {
  const auto options = std::make_shared<RehearseOptions>();
  CLI::App* const verb =
      app.add_subcommand("rehearse", "boot a launch under emulation and compare what was measured with the prediction");
  add_boot_file_options(*verb, options->files);
  for (const char* const name : {"--initrd", "--cmdline"})  // --cmdline may also go with --uki
    verb->get_option(name)->remove_needs(verb->get_option("--kernel"));
  verb->add_option("--uki", options->uki, "a unified kernel image, instead of --kernel");
  add_machine_options(*verb, options->machine);
  add_qemu_options(*verb, options->machine);
  verb->add_option("--timeout", options->timeout, "seconds until the boot counts as failed")->capture_default_str();
  verb->add_option("--keep", options->keep, "a new folder for the event log, the console and QEMU's tables");
  verb->add_flag("--json", options->json, "print bulkhead.rehearsal/v1");
  verb->callback([&action, options] { action = [options](Console& console) { return rehearse(*options, console); }; });
}

}  // namespace cli
