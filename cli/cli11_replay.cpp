#include <CLI/CLI.hpp>
#include <memory>

#include "cli/replay.h"
#include "cli/verbs.h"

namespace cli {

void add_replay(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ReplayOptions>();
  CLI::App* const verb = app.add_subcommand("replay", "what an event log says was measured, and whether that is so");
  verb->add_option("log", options->log, "a TPM's event log, or a confidential guest's (CCEL)")->required();
  verb->add_flag("--ccel", options->ccel,
                 "the log is a confidential guest's; without --ccel and --tpm its content tells");
  verb->add_flag("--tpm", options->tpm, "the log is a TPM's");
  verb->add_option("--table", options->table, "the ACPI table CCEL that describes the log");
  verb->add_option("--prediction", options->prediction, "compare with a bulkhead.measurement/v1, event by event");
  verb->add_option("--quote", options->quote, "compare with the registers of a TDX quote or report");
  verb->add_option("--pcrs", options->pcrs, "compare with register values (JSON)");
  verb->add_flag("--json", options->json, "print bulkhead.replay/v1");
  verb->callback([&action, options] { action = [options](Console& console) { return replay(*options, console); }; });
}

}  // namespace cli
