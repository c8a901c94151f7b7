#include <CLI/CLI.hpp>
#include <memory>

#include "cli/host_identity.h"
#include "cli/host_probe.h"
#include "cli/verbs.h"

namespace cli {

namespace {

void add_probe(CLI::App& host, Action& action) {
  CLI::App* const probe =
      host.add_subcommand("probe", "what this host has and lacks for a TEE, each gap with its remedy");
  const auto options = std::make_shared<HostProbeOptions>();
  probe->add_option("--tee", options->tee, "snp, tdx or emulated")->capture_default_str();
  probe->add_option("--uri", options->uri, "libvirt connection")->capture_default_str();
  probe->add_flag("--json", options->json, "print bulkhead.host-probe/v1");
  probe->callback(
      [&action, options] { action = [options](Console& console) { return host_probe(*options, console); }; });
}

void add_identity(CLI::App& host, Action& action) {
  CLI::App* const identity =
      host.add_subcommand("identity", "what an offline site needs to obtain of AMD or Intel for this host");
  const auto options = std::make_shared<HostIdentityOptions>();
  CLI::Option* const report =
      identity->add_option("--report", options->report, "an SNP report made on the host, instead of its /dev/sev");
  identity->add_option("--quote", options->quote, "a TDX quote made on the host, or its PCK certificate")
      ->excludes(report);
  identity->add_flag("--json", options->json, "print bulkhead.host-identity/v1");
  identity->callback(
      [&action, options] { action = [options](Console& console) { return host_identity(*options, console); }; });
}

}  // namespace

void add_host(CLI::App& app, Action& action) {
  CLI::App* const host = app.add_subcommand("host", "look at a host");
  host->require_subcommand(1);
  add_probe(*host, action);
  add_identity(*host, action);
}

}  // namespace cli
