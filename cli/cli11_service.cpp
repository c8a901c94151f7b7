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

void add_enrol(CLI::App& service, Action& action) {
  const auto options = std::make_shared<EnrolServiceOptions>();
  CLI::App* const verb =
      service.add_subcommand("enrol", "make emulated guests' keys known to a running service of the owner's");
  verb->add_option("tenant", options->tenant, "the tenant's name")->required();
  verb->add_option("--enrolments", options->enrolments, "a file of `apply --enrolments`")->required();
  add_service_access(*verb, options->service);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return enrol_service(*options, console); }; });
}

void add_configure(CLI::App& service, Action& action) {
  const auto options = std::make_shared<ConfigureServiceOptions>();
  CLI::App* const verb = service.add_subcommand("configure", "write config.json for a service that the owner runs");
  verb->add_option("document", options->document, "the tenant's document")->required();
  verb->add_option("--out", options->out, "write the configuration here")->required();
  verb->callback(
      [&action, options] { action = [options](Console& console) { return configure_service(*options, console); }; });
}

void add_shred(CLI::App& service, Action& action) {
  const auto options = std::make_shared<ShredServiceOptions>();
  CLI::App* const verb = service.add_subcommand("shred", "have a running service destroy every key of its tenant");
  verb->add_option("tenant", options->tenant, "the tenant's name")->required();
  verb->add_option("--statement", options->statement, "keep what the service signs of it here");
  verb->add_flag("--yes", options->yes, "do not ask");
  add_service_access(*verb, options->service);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return shred_service(*options, console); }; });
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
  add_configure(*service, action);
  add_enrol(*service, action);
  add_shred(*service, action);
  add_rotate(*service, action);
  add_backup(*service, action);
  add_restore(*service, action);
}

}  // namespace cli
