#include <CLI/CLI.hpp>

#include "base/error.h"
#include "cli/verbs.h"
#include "cli/version.h"

namespace cli {
namespace {

constexpr const char* description =
    "Confidential-VM tenant isolation: from one YAML file a tenant to attested guests.\n"
    "  check -> plan -> build -> measure -> approve -> apply -> attest -> status -> destroy\n"
    "Owners approve, operators apply.";

void add_verbs(CLI::App& app, Action& action) {
  add_check(app, action);
  add_plan(app, action);
  add_build(app, action);
  add_measure(app, action);
  add_explain(app, action);
  add_approve(app, action);
  add_apply(app, action);
  add_attest(app, action);
  add_status(app, action);
  add_destroy(app, action);
  add_host(app, action);
  add_keys(app, action);
  add_id_block(app, action);
  add_rehearse(app, action);
  add_schema(app, action);
  add_replay(app, action);
  add_evidence(app, action);
  add_audit(app, action);
  add_kms(app, action);
  add_service(app, action);
  add_trustee(app, action);
  add_revoke(app, action);
  add_verify(app, action);
  add_certificates(app, action);
}

bool has_verb(const CLI::App& app, const std::string& name) {
  const auto named = [&](const CLI::App* verb) { return verb->get_name() == name; };
  return !app.get_subcommands(named).empty();
}

}  // namespace

int run(int argc, const char* const* argv, Console& console) {
  CLI::App app{description, "bulkhead"};
  app.set_version_flag("--version", std::string("bulkhead ") + version);
  app.require_subcommand(1);
  app.failure_message(CLI::FailureMessage::simple);
  Action action;
  add_verbs(app, action);
  try {
    if (argc > 1 && argv[1][0] != '-' && !has_verb(app, argv[1])) {
      console.err << "bulkhead: there is no verb '" << argv[1] << "'\nRun with --help for more information.\n";
      return base::exit_code(base::Kind::usage);
    }
    app.parse(argc, argv);
    return action(console);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, console.out, console.err);
    return code == 0 ? 0 : base::exit_code(base::Kind::usage);
  } catch (const base::Error& error) {
    console.err << coloured(console, "bulkhead: ", "31") << error.what() << "\n";
    return base::exit_code(error.kind());
  }
}

}  // namespace cli
