#include <CLI/CLI.hpp>
#include <memory>

#include "cli/attest.h"
#include "cli/verbs.h"

namespace cli {

void add_attest(CLI::App& app, Action& action) {
  const auto options = std::make_shared<AttestOptions>();
  CLI::App* const verb = app.add_subcommand("attest", "wait for every guest's verdict since its boot");
  add_live_options(*verb, options->live);
  verb->add_option("--plans", options->live.plans, "directory of NAME.plan.json")->capture_default_str();
  verb->add_option("--timeout", options->timeout_seconds, "seconds to wait")
      ->capture_default_str()
      ->check(CLI::Range(0, 86400));
  verb->add_flag("--claims", options->claims, "also print what each guest's token states (--json always has it)");
  verb->add_flag("--json", options->json, "print bulkhead.attest/v1");
  verb->callback([&action, options] { action = [options](Console& console) { return attest(*options, console); }; });
}

}  // namespace cli
