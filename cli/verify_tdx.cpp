#include "cli/verify_tdx.h"

#include <filesystem>

#include "attestation/hex_text.h"
#include "attestation/intel_root.h"
#include "attestation/verify_tdx.h"
#include "attestation/wire/tdx_evidence.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "cli/certificate_files.h"
#include "cli/verdict_report.h"
#include "cli/verify_tdx_report.h"
#include "measurement/log_comparison.h"

namespace cli {
namespace {

using base::Error;
using base::Kind;

constexpr std::size_t largest_evidence = 1U << 22U;
constexpr std::size_t report_data_size = 64;
constexpr std::int64_t day = 86'400;

/// A quote's bytes or their hexadecimal text, or the JSON of KBS evidence, itself or as "primary_evidence".
attestation::wire::TdxEvidence read_evidence(const std::string& path) {
  const std::string content = base::read_file(path, largest_evidence);
  const std::size_t first = content.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || content[first] != '{') {
    const base::Bytes bytes = base::bytes_of(content);
    return {attestation::from_hex_text(bytes).value_or(base::buffer_of(bytes)), {}};
  }
  const base::Json json = base::Json::parse(content, path);
  const base::Json* const primary = json.find("primary_evidence");
  return attestation::wire::TdxEvidence::parse(primary == nullptr ? json : *primary);
}

/// What a store has of Intel's; it may have thousands of AMD's.
std::vector<std::string> store_folders(const std::filesystem::path& store) {
  if (!std::filesystem::is_directory(store))
    throw Error(Kind::failure, "cannot read " + store.string() + ": wanted the folder of `certificates import`");
  std::vector<std::string> folders;
  for (const char* name : {"intel", "tdx"})
    if (std::filesystem::is_directory(store / name)) folders.push_back((store / name).string());
  return folders;
}

attestation::TdxCollateral read_collateral(const VerifyTdxOptions& options) {
  std::vector<std::string> paths = options.collateral;
  paths.insert(paths.end(), options.certificates.begin(), options.certificates.end());
  if (options.store)
    for (std::string& folder : store_folders(*options.store)) paths.push_back(std::move(folder));
  attestation::TdxCollateral collateral;
  for (const std::string& file : vendor_files(paths)) {
    const std::string content = base::read_file(file, largest_vendor_file);
    attestation::add_tdx_collateral(collateral, base::bytes_of(content), file);
  }
  return collateral;
}

attestation::TdxRequest request(const VerifyTdxOptions& options) {
  return {.roots = {attestation::intel_sgx_root()},
          .time = verification_time(options.time),
          .grace = options.grace_days * day,
          .minimum_evaluation_number = options.minimum_evaluation_number};
}

std::optional<base::Buffer> report_data(const VerifyTdxOptions& options) {
  if (!options.report_data) return std::nullopt;
  std::optional<base::Buffer> bytes = base::from_hex(*options.report_data);
  if (!bytes || bytes->size() != report_data_size)
    throw Error(Kind::usage, "--report-data: wanted 128 hexadecimal digits");
  return bytes;
}

/// Whether the log that came with the quote adds up to its registers. It is no reason to call a quote not genuine.
attestation::Check event_log_check(base::Bytes log, const measurement::TdRegisters& registers) {
  attestation::Check check{.name = "eventLog",
                           .outcome = attestation::Check::Outcome::ok,
                           .weight = attestation::Check::Weight::advisory,
                           .got = "replays to RTMR0 to 2",
                           .wanted = "the registers of the quote"};
  try {
    const auto registers_of_log = measurement::replay(measurement::parse_event_log(log));
    for (const auto& compared : measurement::compare_with_quote(registers_of_log, registers)) {
      if (compared.matches() || !compared.must_match) continue;
      check.outcome = attestation::Check::Outcome::failed;
      check.got = compared.name + " replays to " + compared.replayed;
      break;
    }
  } catch (const Error& error) {
    check.outcome = attestation::Check::Outcome::failed;
    check.got = error.what();
  }
  return check;
}

}  // namespace

int verify_tdx(const VerifyTdxOptions& options, Console& console) {
  const attestation::TdxRequest asked = request(options);
  const std::optional<base::Buffer> wanted = report_data(options);
  const attestation::wire::TdxEvidence evidence = read_evidence(options.quote);
  const attestation::TdxCollateral collateral = read_collateral(options);
  TdxReport report;
  report.time = asked.time;
  try {
    report.quote = measurement::parse_td_quote(evidence.quote);
  } catch (const Error& error) {
    throw Error(error.kind(), options.quote + ": " + error.what());
  }
  report.platform = attestation::judge_platform(report.quote, collateral, asked);
  report.verification = attestation::verify_tdx(report.quote, report.platform, wanted);
  if (evidence.event_log) report.verification.checks.push_back(event_log_check(*evidence.event_log, report.quote.td));
  if (options.json)
    console.out << report_json(report).pretty();
  else
    print(report, console);
  return report.verification.genuine ? 0 : base::exit_code(Kind::not_attested);
}

}  // namespace cli
