#include <CLI/CLI.hpp>

#include "cli/sev_session.h"

namespace cli {

void add_sev_session_options(CLI::App& verb, SevSessionOptions& options) {
  CLI::Option* const measurement =
      verb.add_option("--measurement", options.measurement, "check what the host reports (base64 of 48 bytes)");
  for (const auto& [flag, value, text] :
       {std::tuple{"--tik", &options.integrity_key, "file with the session's transport integrity key (mode 0600)"},
        std::tuple{"--policy", &options.policy, "the guest's policy: 0x3"},
        std::tuple{"--api-major", &options.api_major, "of the processor's SEV firmware"},
        std::tuple{"--api-minor", &options.api_minor, "of the processor's SEV firmware"},
        std::tuple{"--build-id", &options.build, "of the processor's SEV firmware"}}) {
    CLI::Option* const option = verb.add_option(flag, *value, text)->needs(measurement);
    measurement->needs(option);
  }
}

}  // namespace cli
