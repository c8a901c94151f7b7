#include <CLI/CLI.hpp>
#include <memory>

#include "cli/evidence.h"
#include "cli/verbs.h"

namespace cli {
namespace {

void add_save(CLI::App& evidence, Action& action) {
  const auto options = std::make_shared<SaveEvidenceOptions>();
  CLI::App* const verb = evidence.add_subcommand("save", "what a guest attested with last, as it sent it");
  verb->add_option("tenant", options->tenant, "the tenant's name")->required();
  verb->add_option("guest", options->guest, "POOL/INDEX")->required();
  verb->add_option("--out", options->out, "write the evidence here")->required();
  add_service_access(*verb, options->service);
  verb->callback(
      [&action, options] { action = [options](Console& console) { return save_evidence(*options, console); }; });
}

void add_present(CLI::App& evidence, Action& action) {
  const auto options = std::make_shared<PresentEvidenceOptions>();
  CLI::App* const verb =
      evidence.add_subcommand("present", "present saved evidence to a service, which must refuse it");
  verb->add_option("evidence", options->evidence, "a file of `evidence save`")->required();
  verb->add_option("--url", options->url, "the service: https://ADDRESS:PORT")->required();
  verb->add_option("--ca", options->ca, "the tenant's CA certificate")->required();
  verb->callback(
      [&action, options] { action = [options](Console& console) { return present_evidence(*options, console); }; });
}

}  // namespace

void add_evidence(CLI::App& app, Action& action) {
  CLI::App* const evidence = app.add_subcommand("evidence", "what guests attested with, for those who were not there");
  evidence->require_subcommand(1);
  add_save(*evidence, action);
  add_present(*evidence, action);
}

}  // namespace cli
