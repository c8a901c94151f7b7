#include <CLI/CLI.hpp>
#include <memory>

#include "cli/host_probe.h"
#include "cli/verbs.h"

namespace cli {

void add_host(CLI::App& app, Action& action) {
  CLI::App* const host = app.add_subcommand("host", "look at a host");
  host->require_subcommand(1);
  CLI::App* const probe =
      host->add_subcommand("probe", "what this host has and lacks for a TEE, each gap with its remedy");
  const auto options = std::make_shared<HostProbeOptions>();
  probe->add_option("--tee", options->tee, "snp, tdx or emulated")->capture_default_str();
  probe->add_option("--uri", options->uri, "libvirt connection")->capture_default_str();
  probe->add_flag("--json", options->json, "print bulkhead.host-probe/v1");
  probe->callback(
      [&action, options] { action = [options](Console& console) { return host_probe(*options, console); }; });
}

}  // namespace cli
