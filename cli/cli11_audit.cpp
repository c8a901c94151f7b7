#include <CLI/CLI.hpp>
#include <memory>

#include "cli/audit.h"
#include "cli/verbs.h"

namespace cli {

void add_audit(CLI::App& app, Action& action) {
  CLI::App* const audit = app.add_subcommand("audit", "check what a tenant's attestation service recorded");
  audit->require_subcommand(1);
  const auto options = std::make_shared<AuditOptions>();
  CLI::App* const verify = audit->add_subcommand("verify", "check the hash chain of an audit log");
  verify->add_option("log", options->log, "the service's audit.jsonl")->required();
  verify->add_option("--head", options->head, "SHA-256 of its last line as noted earlier; it must still be in the log");
  verify->add_flag("--json", options->json, "print bulkhead.audit/v1");
  verify->callback(
      [&action, options] { action = [options](Console& console) { return verify_audit(*options, console); }; });
  const auto shown = std::make_shared<ShowAuditOptions>();
  CLI::App* const show = audit->add_subcommand("show", "read an audit log, or the one entry a refused guest was told");
  show->add_option("log", shown->log, "the service's audit.jsonl")->required();
  show->add_option("--entry", shown->entry, "only this entry: 1f2e3d4c");
  show->callback([&action, shown] { action = [shown](Console& console) { return show_audit(*shown, console); }; });
}

}  // namespace cli
