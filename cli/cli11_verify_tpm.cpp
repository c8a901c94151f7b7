#include <CLI/CLI.hpp>
#include <memory>

#include "cli/verbs.h"
#include "cli/verify_tpm.h"

namespace cli {

void add_verify_tpm(CLI::App& verify, Action& action) {
  const auto options = std::make_shared<VerifyTpmOptions>();
  CLI::App* const verb = verify.add_subcommand("tpm", "quotes of an emulated guest's TPM");
  verb->add_option("evidence", options->evidence, "KBS evidence of a tpm guest (JSON)")->required();
  verb->add_option("--ak", options->key,
                   "the attestation key as it was enrolled: its enrolment (JSON), PEM or DER; without it the origin is "
                   "unknown");
  verb->add_option("--report-data", options->report_data, "the 32 bytes of qualifying data it must have, hexadecimal");
  verb->add_flag("--json", options->json, "print bulkhead.verification/v1");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return verify_tpm(*options, console); }; });
}

}  // namespace cli
