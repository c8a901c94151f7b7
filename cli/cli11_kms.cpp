#include <CLI/CLI.hpp>
#include <memory>

#include "cli/kms_check.h"
#include "cli/verbs.h"

namespace cli {

void add_kms(CLI::App& app, Action& action) {
  CLI::App* const kms = app.add_subcommand("kms", "check where a tenant's keys are");
  kms->require_subcommand(1);
  const auto options = std::make_shared<KmsCheckOptions>();
  CLI::App* const check =
      kms->add_subcommand("check", "connection, limits of the credential and release rules of a KMS");
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

}  // namespace cli
