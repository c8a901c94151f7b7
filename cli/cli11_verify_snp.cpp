#include <CLI/CLI.hpp>
#include <memory>

#include "cli/verbs.h"
#include "cli/verify_snp.h"

namespace cli {

void add_verify_snp(CLI::App& verify, Action& action) {
  const auto options = std::make_shared<VerifySnpOptions>();
  CLI::App* const verb = verify.add_subcommand("snp", "an attestation report of an AMD SEV-SNP guest");
  verb->add_option("report", options->report, "the report: bytes, hexadecimal, with its certificates, or KBS evidence")
      ->required();
  verb->add_option("--certs", options->certificates,
                   "files or folders with its VCEK or VLEK, DER, PEM or a host's certificate table");
  verb->add_option("--crl", options->revocation_lists, "files or folders with AMD's revocation lists");
  verb->add_option("--store", options->store, "a store of `bulkhead certificates import` with either");
  verb->add_flag("--require-crl", options->require_revocation_lists,
                 "not genuine without a current revocation list for every intermediate certificate");
  verb->add_option("--time", options->time, "judge for this time: RFC 3339 or seconds since the epoch; default now");
  verb->add_option("--product", options->product, "the processor it must be of: milan, genoa, turin");
  verb->add_option("--min-version", options->minimum_version,
                   "the least version of the report; from 3 on it names its processor");
  verb->add_option("--report-data", options->report_data, "the 64 bytes of REPORT_DATA it must have, in hexadecimal");
  verb->add_flag("--json", options->json, "print bulkhead.verification/v1");
  verb->callback(
      [&action, options] { action = [options](Console& console) { return verify_snp(*options, console); }; });
}

}  // namespace cli
