#include <CLI/CLI.hpp>
#include <memory>

#include "cli/status.h"
#include "cli/verbs.h"

namespace cli {

void add_status(CLI::App& app, Action& action) {
  const auto options = std::make_shared<StatusOptions>();
  CLI::App* const verb = app.add_subcommand("status", "show the guests and what drifted");
  add_live_options(*verb, options->live);
  verb->add_option("--plans", options->live.plans, "directory of NAME.plan.json")->capture_default_str();
  verb->add_flag("--json", options->json, "print bulkhead.status/v1");
  verb->callback([&action, options] { action = [options](Console& console) { return status(*options, console); }; });
}

}  // namespace cli
