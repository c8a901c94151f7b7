#include <CLI/CLI.hpp>
#include <memory>

#include "cli/plan.h"
#include "cli/verbs.h"

namespace cli {

void add_plan(CLI::App& app, Action& action) {
  const auto options = std::make_shared<PlanOptions>();
  CLI::App* const verb = app.add_subcommand("plan", "show what separates the host from the documents");
  verb->add_option("documents", options->documents, "tenant files and the site file")->required();
  verb->add_option("--host", options->host, "the site's host, when it has several");
  verb->add_option("--out", options->out,
                   "write NAME.plan.json for each tenant and site-index.json into this directory");
  verb->add_option("--qemu", options->qemu, "a QEMU like the host's, whose tables TDX guests measure")
      ->capture_default_str();
  verb->add_flag("--offline", options->offline, "compare with an empty host, without asking one");
  verb->add_flag("--json", options->json, "print the plans as bulkhead.plan/v1");
  verb->callback([&action, options] { action = [options](Console& console) { return plan(*options, console); }; });
}

}  // namespace cli
