#include <CLI/CLI.hpp>
#include <memory>

#include "cli/service.h"
#include "cli/verbs.h"

namespace cli {
namespace {

void add_show(CLI::App& service, Action& action) {
  const auto options = std::make_shared<ShowServiceOptions>();
  CLI::App* const verb = service.add_subcommand("show", "what a running service knows of its guests");
  verb->add_option("tenant", options->tenant, "the tenant's name")->required();
  verb->add_flag("--json", options->json, "print bulkhead.attestd-state/v1");
  add_service_access(*verb, options->service);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return show_service(*options, console); }; });
}

void add_approval(CLI::App& service, Action& action) {
  const auto options = std::make_shared<ApproveServiceOptions>();
  CLI::App* const verb = service.add_subcommand("approve", "give a running service an approval, as `apply` does");
  verb->add_option("tenant", options->tenant, "the tenant's name")->required();
  verb->add_option("--approval", options->approval, "a file of `bulkhead approve`")->required();
  add_service_access(*verb, options->service);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return approve_service(*options, console); }; });
}

void add_rotate(CLI::App& service, Action& action) {
  const auto options = std::make_shared<RotateTokenKeyOptions>();
  CLI::App* const verb = service.add_subcommand("rotate", "sign tokens with another key from now on");
  verb->add_option("tenant", options->tenant, "the tenant's name")->required();
  verb->add_option("--token-key", options->token_key, "the next key, as `keys token` writes it")->required();
  add_service_access(*verb, options->service);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return rotate_token_key(*options, console); }; });
}

void add_backup(CLI::App& service, Action& action) {
  const auto options = std::make_shared<BackupServiceOptions>();
  CLI::App* const verb =
      service.add_subcommand("backup", "copy what a running service keeps, for the owner's eyes only");
  verb->add_option("tenant", options->tenant, "the tenant's name")->required();
  verb->add_option("--to", options->recipient, "the owner's backup key, BACKUP.pub of `keys backup`")->required();
  verb->add_option("--out", options->out, "write the backup here (mode 0600)")->required();
  add_service_access(*verb, options->service);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return backup_service(*options, console); }; });
}

void add_restore(CLI::App& service, Action& action) {
  const auto options = std::make_shared<RestoreServiceOptions>();
  CLI::App* const verb = service.add_subcommand("restore", "make a service's state directory from a backup");
  verb->add_option("tenant", options->tenant, "the tenant's name")->required();
  verb->add_option("--from", options->from, "a file of `service backup`")->required();
  verb->add_option("--key", options->key, "the owner's backup key, BACKUP.key")->required();
  verb->add_option("--audit", options->audit, "the old service's audit log, to go on from");
  CLI::Option* const state =
      verb->add_option("--state", options->state, "make this directory, for a service of your own");
  verb->add_option("--store", options->store, "root of the tenants' stores: where `apply` will find it")
      ->capture_default_str()
      ->excludes(state);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return restore_service(*options, console); }; });
}

}  // namespace

void add_service(CLI::App& app, Action& action) {
  CLI::App* const service = app.add_subcommand("service", "the life of a tenant's attestation service");
  service->require_subcommand(1);
  add_show(*service, action);
  add_approval(*service, action);
  add_rotate(*service, action);
  add_backup(*service, action);
  add_restore(*service, action);
}

}  // namespace cli
