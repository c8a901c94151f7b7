#include <CLI/CLI.hpp>
#include <memory>

#include "cli/verbs.h"
#include "cli/verify_tdx.h"

namespace cli {

void add_verify_tdx(CLI::App& verify, Action& action) {
  const auto options = std::make_shared<VerifyTdxOptions>();
  CLI::App* const verb = verify.add_subcommand("tdx", "a quote of an Intel TDX guest");
  verb->add_option("quote", options->quote, "the quote (version 4 or 5): bytes, hexadecimal, or KBS evidence")
      ->required();
  verb->add_option("--collateral", options->collateral,
                   "files or folders with Intel's TCB info, QE identity, chains and revocation lists");
  verb->add_option("--store", options->store, "a store of `bulkhead certificates import` with them");
  verb->add_option("--certs", options->certificates,
                   "files or folders with the PCK certificate and its chain, for a quote that only names it");
  verb->add_option("--time", options->time, "judge for this time: RFC 3339 or seconds since the epoch; default now");
  verb->add_option("--grace", options->grace_days, "accept collateral this many days after its nextUpdate")
      ->check(CLI::Range(0, 3650));
  verb->add_option("--min-evaluation-number", options->minimum_evaluation_number,
                   "refuse collateral of a tcbEvaluationDataNumber below this one")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--report-data", options->report_data, "the 64 bytes of REPORTDATA it must have, in hexadecimal");
  verb->add_flag("--json", options->json, "print bulkhead.verification/v1");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return verify_tdx(*options, console); }; });
}

}  // namespace cli
