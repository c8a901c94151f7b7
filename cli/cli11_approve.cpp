#include <CLI/CLI.hpp>
#include <memory>

#include "cli/approve.h"
#include "cli/verbs.h"

namespace cli {

void add_approve(CLI::App& app, Action& action) {
  const auto options = std::make_shared<ApproveOptions>();
  CLI::App* const verb =
      app.add_subcommand("approve", "an owner's act: check a plan against one's own files and sign it");
  verb->add_option("documents", options->documents, "the tenant file and the site file")->required();
  verb->add_option("--plan", options->plan, "the tenant's plan")->required();
  verb->add_option("--key", options->keys,
                   "an owner's private approval key: a PEM file or a pkcs11: URI; may be given again")
      ->required()
      ->allow_extra_args(false);
  verb->add_option("--id-key", options->id_keys.id, "signs the SNP guests' ID blocks: a PEM file or a pkcs11: URI");
  verb->add_option("--author-key", options->id_keys.author, "vouches for the ID key: likewise");
  verb->add_option("--out,--approval", options->out, "the approval; signatures are added to one that is there")
      ->required();
  verb->add_option("--valid-days", options->valid_days, "days after which the approval ends; default: never")
      ->check(CLI::Range(1, 36500));
  verb->add_option("--qemu", options->qemu, "a QEMU like the host's, whose tables TDX guests measure")
      ->capture_default_str();
  verb->callback([&action, options] { action = [options](Console& console) { return approve(*options, console); }; });
}

}  // namespace cli
