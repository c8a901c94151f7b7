#include <CLI/CLI.hpp>
#include <memory>

#include "cli/check.h"
#include "cli/verbs.h"

namespace cli {

void add_check(CLI::App& app, Action& action) {
  CLI::App* const verb =
      app.add_subcommand("check", "read documents strictly and ask whether these tenants may coexist");
  const auto options = std::make_shared<CheckOptions>();
  verb->add_option("documents", options->documents, "tenant, site and image recipe files")->required();
  verb->add_flag("--json", options->json, "print bulkhead.findings/v1");
  verb->callback([&action, options] { action = [options](Console& console) { return check(*options, console); }; });
}

void add_schema(CLI::App& app, Action& action) {
  CLI::App* const verb = app.add_subcommand("schema", "print the JSON Schema of a kind of document, for editors");
  const auto options = std::make_shared<SchemaOptions>();
  verb->add_option("kind", options->kind, "tenant, site or recipe")
      ->required()
      ->check(CLI::IsMember({"tenant", "site", "recipe"}));
  verb->callback(
      [&action, options] { action = [options](Console& console) { return print_schema(*options, console); }; });
}

}  // namespace cli
