#include <CLI/CLI.hpp>

#include "cli/verbs.h"

namespace cli {

void add_verify(CLI::App& app, Action& action) {
  CLI::App* const verb =
      app.add_subcommand("verify", "say whether evidence is genuine, anywhere and without a tenant file");
  verb->require_subcommand(1);
  add_verify_snp(*verb, action);
  add_verify_tdx(*verb, action);
  add_verify_tpm(*verb, action);
  add_verify_destruction(*verb, action);
}

}  // namespace cli
