#include <CLI/CLI.hpp>
#include <memory>

#include "cli/apply.h"
#include "cli/verbs.h"

namespace cli {

void add_apply(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ApplyOptions>();
  CLI::App* const verb = app.add_subcommand("apply", "the operator's act: make the host what an approved plan says");
  verb->add_option("--plan", options->plan, "the tenant's plan")->required();
  verb->add_option("--approval", options->approval, "the approval its owners signed")->required();
  verb->add_option("--service-bundle", options->service_bundle, "keys of the tenant's service (bulkhead keys service)");
  verb->add_option(
      "--enrolments", options->enrolments,
      "write the guests' keys here for the owner of their service, and leave the guests for the next apply");
  verb->add_option("--run", options->run, "root of run-time files")->capture_default_str();
  verb->add_flag("--json", options->json, "print what was done as bulkhead.applied/v1");
  verb->callback([&action, options] { action = [options](Console& console) { return apply(*options, console); }; });
}

}  // namespace cli
