#include <CLI/CLI.hpp>
#include <memory>

#include "cli/trustee.h"
#include "cli/verbs.h"

namespace cli {

void add_trustee(CLI::App& app, Action& action) {
  CLI::App* const trustee = app.add_subcommand("trustee", "an owner's own Trustee instead of Bulkhead's service");
  trustee->require_subcommand(1);
  const auto options = std::make_shared<RenderTrusteeOptions>();
  CLI::App* const verb =
      trustee->add_subcommand("render", "a complete configuration that appraises as the approval says");
  verb->add_option("--tenant", options->tenant, "the tenant's name")->required();
  verb->add_option("--approval", options->approval, "NAME.approval.json")->required();
  verb->add_option("--approval-key", options->approval_keys, "an owner's public key; one for each owner")
      ->required()
      ->allow_extra_args(false);
  verb->add_option("--service-bundle", options->service_bundle, "the service's keys, as `keys service` writes them")
      ->required();
  verb->add_option("--ca", options->ca, "the tenant's CA certificate")->required();
  verb->add_option("--evidence", options->evidence,
                   "what a guest attested with (`evidence save`); one for each emulated guest")
      ->allow_extra_args(false);
  verb->add_option("--directory", options->directory, "where the files will be on Trustee's machine")
      ->capture_default_str();
  verb->add_option("--out", options->out, "make this directory")->required();
  verb->callback(
      [&action, options] { action = [options](Console& console) { return render_trustee(*options, console); }; });
}

}  // namespace cli
