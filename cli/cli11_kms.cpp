#include <CLI/CLI.hpp>
#include <memory>

#include "cli/kms_check.h"
#include "cli/kms_keys.h"
#include "cli/kms_policy.h"
#include "cli/kms_recover.h"
#include "cli/verbs.h"

namespace cli {
namespace {

void add_kms_check(CLI::App& kms, Action& action) {
  const auto options = std::make_shared<KmsCheckOptions>();
  CLI::App* const check =
      kms.add_subcommand("check", "connection, limits of the credential and release rules of a KMS");
  check->add_option("connection", options->connection, "bulkhead.kms-connection/v1, a document of the owner")
      ->required();
  check
      ->add_option("--foreign", options->foreign,
                   "another tenant's namespace (OpenBao) or object (KMIP), which must be refused; may be repeated")
      ->allow_extra_args(false);
  check->add_flag("--try-key", options->try_key, "also make, rotate and destroy a key; its record stays");
  check->add_flag("--json", options->json, "print bulkhead.kms-check/v1");
  check->callback(
      [&action, options] { action = [options](Console& console) { return check_kms(*options, console); }; });
}

void add_kms_rotate(CLI::App& kms, Action& action) {
  const auto options = std::make_shared<KeyOptions>();
  CLI::App* const verb = kms.add_subcommand("rotate", "give volumes new keys while their guests run");
  verb->add_option("tenant", options->tenant, "the tenant's name")->required();
  verb->add_option("keys", options->keys, "names of keys: POOL/INDEX/VOLUME");
  verb->add_flag("--all", options->all, "every key in use instead; with --abandon every rotating key");
  verb->add_flag("--abandon", options->abandon, "end rotations with the old keys instead");
  add_service_access(*verb, options->service);
  verb->callback([&action, options] {
    if (options->keys.empty() && !options->all) throw CLI::RequiredError("names of keys, or --all");
    if (!options->keys.empty() && options->all) throw CLI::ExcludesError("--all", "names of keys");
    action = [options](Console& console) { return rotate_keys(*options, console); };
  });
}

void add_kms_recover(CLI::App& kms, Action& action) {
  const auto options = std::make_shared<RecoverOptions>();
  CLI::App* const verb =
      kms.add_subcommand("recover", "open a volume's recovery note, for an owner whose service is lost");
  verb->add_option("note", options->note, "a file of `cryptsetup token export`")->required();
  verb->add_option("--key", options->key, "the owner's recovery key, RECOVERY.key of `keys recovery`")->required();
  verb->add_option("--out", options->out, "write what opens the volume here (mode 0600)")->required();
  verb->callback(
      [&action, options] { action = [options](Console& console) { return recover_key(*options, console); }; });
}

void add_kms_settle(CLI::App& kms, Action& action) {
  const auto options = std::make_shared<KeyOptions>();
  CLI::App* const verb = kms.add_subcommand("settle", "erase what interrupted changes of keys left");
  verb->add_option("tenant", options->tenant, "the tenant's name")->required();
  add_service_access(*verb, options->service);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return settle_keys(*options, console); }; });
}

void add_kms_policy(CLI::App& kms, Action& action) {
  const auto options = std::make_shared<KmsPolicyOptions>();
  CLI::App* const verb =
      kms.add_subcommand("policy", "what a tenant's service, or its guests themselves, need at its owner's OpenBao");
  verb->add_option("tenant", options->tenant, "tenant file with kms: {provider: openbao}")->required();
  verb->add_flag("--json", options->json, "print bulkhead.kms-policy/v1 instead of a script");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return kms_policy(*options, console); }; });
}

}  // namespace

void add_kms(CLI::App& app, Action& action) {
  CLI::App* const kms = app.add_subcommand("kms", "where a tenant's keys are, and their life");
  kms->require_subcommand(1);
  add_kms_check(*kms, action);
  add_kms_rotate(*kms, action);
  add_kms_settle(*kms, action);
  add_kms_recover(*kms, action);
  add_kms_policy(*kms, action);
}

}  // namespace cli
