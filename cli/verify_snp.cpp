#include "cli/verify_snp.h"

#include <filesystem>

#include "attestation/certificate_store.h"
#include "attestation/snp_evidence_file.h"
#include "attestation/verify_snp.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/certificate_files.h"
#include "cli/verdict_report.h"
#include "cli/verify_snp_report.h"

namespace cli {
namespace {

using base::Error;
using base::Kind;

constexpr std::size_t largest_evidence = 1U << 22U;

attestation::SnpExpectation expectation(const VerifySnpOptions& options) {
  attestation::SnpExpectation expected;
  expected.minimum_version = options.minimum_version;
  if (options.product) {
    expected.product = attestation::product_of_name(*options.product);
    if (!expected.product)
      throw Error(Kind::usage, "--product: got '" + *options.product + "', wanted milan, genoa or turin");
  }
  if (options.report_data) {
    const auto bytes = base::from_hex(*options.report_data);
    expected.report_data.emplace();
    if (!bytes || bytes->size() != expected.report_data->size())
      throw Error(Kind::usage, "--report-data: wanted 128 hexadecimal digits");
    std::ranges::copy(*bytes, expected.report_data->begin());
  }
  return expected;
}

attestation::wire::SnpEvidence read_evidence(const std::string& path) {
  const std::string content = base::read_file(path, largest_evidence);
  try {
    attestation::wire::SnpEvidence evidence = attestation::read_snp_evidence(base::bytes_of(content));
    (void)measurement::read_snp_report(evidence.report);  // refused here, with the file's name
    return evidence;
  } catch (const Error& error) {
    throw Error(error.kind(), path + ": " + error.what());
  }
}

/// The folders of a store that may matter for this report: of the chips, only its own when it says which.
std::vector<std::string> store_folders(const std::filesystem::path& store,
                                       const attestation::wire::SnpEvidence& evidence) {
  if (!std::filesystem::is_directory(store))
    throw Error(Kind::failure, "cannot read " + store.string() + ": wanted the folder of `certificates import`");
  const measurement::SnpReport report = measurement::read_snp_report(evidence.report);
  const std::string chip = attestation::chip_id_masked(report) ? "vcek" : attestation::vcek_folder(report.chip_id);
  std::vector<std::string> folders;
  for (const std::string& name : {chip, std::string("vlek"), std::string("amd")})
    if (std::filesystem::is_directory(store / name)) folders.push_back((store / name).string());
  return folders;
}

}  // namespace

int verify_snp(const VerifySnpOptions& options, Console& console) {
  const attestation::SnpExpectation expected = expectation(options);
  attestation::VekContext context;
  context.time = verification_time(options.time);
  if (options.require_revocation_lists) context.demand = base::RevocationDemand::intermediates;
  const attestation::wire::SnpEvidence evidence = read_evidence(options.report);
  base::X509Objects given = read_certificate_files(options.certificates);
  append(given, read_certificate_files(options.revocation_lists));
  if (options.store) append(given, read_certificate_files(store_folders(*options.store, evidence)));
  append(given, evidence.brought);
  context.revocation_lists = given.revocation_lists;
  const attestation::SnpVerdict verdict =
      attestation::verify_snp(evidence.report, given.certificates, context, expected);
  if (options.json)
    console.out << verdict_json(verdict, context.time).pretty();
  else
    print(verdict, context.time, console);
  return verdict.genuine() ? 0 : base::exit_code(Kind::not_attested);
}

}  // namespace cli
