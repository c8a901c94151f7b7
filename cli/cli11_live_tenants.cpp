#include <CLI/CLI.hpp>

#include "cli/live_tenants.h"

namespace cli {

void add_live_options(CLI::App& verb, LiveOptions& options) {
  verb.add_option("tenants", options.tenants, "names of tenants");
  verb.add_option("--uri", options.uri, "libvirt's")->capture_default_str();
  verb.add_option("--store", options.store, "root of the tenants' stores")->capture_default_str();
  verb.add_option("--run", options.run, "root of run-time files")->capture_default_str();
}

}  // namespace cli
