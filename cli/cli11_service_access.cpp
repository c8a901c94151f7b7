#include <CLI/CLI.hpp>

#include "cli/service_access.h"
#include "cli/verbs.h"

namespace cli {

void add_service_access(CLI::App& verb, ServiceAccess& access) {
  CLI::Option* const run =
      verb.add_option("--run", access.run, "root of run-time files on the service's host")->capture_default_str();
  CLI::Option* const url =
      verb.add_option("--url", access.url, "as an owner, from elsewhere: the service's https://ADDRESS:PORT")
          ->excludes(run);
  CLI::Option* const ca = verb.add_option("--ca", access.ca, "the tenant's CA certificate")->needs(url);
  CLI::Option* const identity =
      verb.add_option("--identity", access.identity, "who the owner is: IDENTITY.pem and IDENTITY.key of `keys owner`")
          ->needs(url);
  url->needs(ca)->needs(identity);
}

}  // namespace cli
