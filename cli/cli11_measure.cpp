#include <CLI/CLI.hpp>
#include <memory>

#include "cli/measure.h"
#include "cli/verbs.h"

namespace cli {

void add_measure(CLI::App& app, Action& action) {
  const auto options = std::make_shared<MeasureOptions>();
  CLI::App* const verb = app.add_subcommand("measure", "compute what each guest will report, before it is started");
  verb->add_option("documents", options->documents, "tenant files and the site file");
  verb->add_option("--host", options->host, "the site's host, when it has several");
  verb->add_option("--qemu", options->qemu, "a QEMU like the host's, whose tables TDX guests measure")
      ->capture_default_str();
  add_output_options(*verb, options->output);
  verb->callback([&action, options, verb] {
    if (!verb->get_subcommands().empty()) return;  // measure snp, measure tdx, ..: without a tenant file
    if (options->documents.empty()) throw CLI::RequiredError("documents");
    action = [options](Console& console) { return measure(*options, console); };
  });
  add_measure_snp(*verb, action);
  add_measure_sev_es(*verb, action);
  add_measure_sev(*verb, action);
  add_measure_tdx(*verb, action);
  add_measure_pcr(*verb, action);
  add_measure_igvm(*verb, action);
  add_measure_cca(*verb, action);
}

}  // namespace cli
