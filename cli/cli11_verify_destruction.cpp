#include <CLI/CLI.hpp>
#include <memory>

#include "cli/verbs.h"
#include "cli/verify_destruction.h"

namespace cli {

void add_verify_destruction(CLI::App& verify, Action& action) {
  const auto options = std::make_shared<VerifyDestructionOptions>();
  CLI::App* const verb = verify.add_subcommand("destruction", "what a tenant's service stated of keys it destroyed");
  verb->add_option("statement", options->statement, "TENANT.destruction.jws of `destroy --shred-keys --keep-log`")
      ->required();
  verb->add_option("--ca", options->ca, "the tenant's CA certificate (PEM)")->required();
  verb->add_flag("--json", options->json, "print bulkhead.destruction/v1");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return verify_destruction(*options, console); }; });
}

}  // namespace cli
