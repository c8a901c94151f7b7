#include <CLI/CLI.hpp>
#include <memory>

#include "cli/destroy.h"
#include "cli/verbs.h"

namespace cli {

void add_destroy(CLI::App& app, Action& action) {
  const auto options = std::make_shared<DestroyOptions>();
  CLI::App* const verb = app.add_subcommand("destroy", "remove everything of the named tenants from this host");
  add_live_options(*verb, options->live);
  verb->add_flag("--yes", options->yes, "do not ask");
  verb->add_flag("--shred-keys", options->shred_keys, "have the tenants' services destroy every key first");
  verb->add_option(
      "--keep-log", options->keep_log,
      "keep the services' audit logs in this directory as TENANT.audit.jsonl, and what they sign of shredded "
      "keys as TENANT.destruction.jws");
  verb->callback([&action, options] { action = [options](Console& console) { return destroy(*options, console); }; });
}

}  // namespace cli
