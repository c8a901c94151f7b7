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
  const auto add_fences = [&](const char* flag, Fences fences, const char* text) {
    return verb->add_flag_callback(flag, [options, fences] { options->fences = fences; }, text);
  };
  CLI::Option* const fence = add_fences("--fence", Fences::follow_the_verdicts,
                                        "cut off, at the tenant's router, every guest without a current verdict");
  CLI::Option* const lift = add_fences("--lift-fence", Fences::fall, "let every guest through again");
  verb->add_flag("--claims", options->claims, "also print what each guest's token states (--json always has it)");
  verb->add_flag("--json", options->json, "print bulkhead.attest/v1");
  verb->callback([&action, options, fence, lift] {
    if (fence->count() > 0 && lift->count() > 0) throw CLI::ExcludesError("--fence", "--lift-fence");
    action = [options](Console& console) { return attest(*options, console); };
  });
}

}  // namespace cli
