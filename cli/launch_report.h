#pragma once
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/json.h"
#include "cli/output_format.h"

namespace cli {

/// One input of a measurement, as the person gave it or as it was assumed.
struct Assumption {
  std::string key;    ///< of JSON: "sevFeatures"
  std::string label;  ///< for people: "SEV features"
  base::Json value;
  std::string text;  ///< for people, where the value alone says too little
};

/// What a `measure` subcommand found out.
struct LaunchReport {
  std::string tee;  ///< "snp", "sev-es", "sev"
  std::vector<Assumption> assumed;
  /// In hexadecimal: by number of vCPUs, or one where that number is not measured.
  std::variant<std::map<unsigned, std::string>, std::string> launch_digest;
  std::vector<Assumption> also;       ///< other results, with `text` for people
  std::vector<std::string> notes;     ///< what a person should know before relying on the digests
  std::vector<std::string> warnings;  ///< why a launch may come to another digest, or to none
  // Not measured, but part of what a verifier or a domain wants to know:
  std::optional<std::uint64_t> policy;         ///< the SNP guest policy
  std::uint32_t guest_svn = 0;                 ///< SNP
  measurement::TcbLevels minimum_tcb;          ///< SNP
  std::optional<std::string> launch_security;  ///< libvirt's element, where it has one
};

/// Label and text of each, in two columns.
void print_lines(const std::vector<Assumption>& lines, Console& console);

/// bulkhead.measurement/v1
base::Json launch_report_json(const LaunchReport& report);
/// What a verifier should accept: any of the launch digests.
measurement::ReferenceClaims claims_of(const LaunchReport& report);
/// Writes the report for people.
void print_text(const LaunchReport& report, Console& console);
/// Writes the report in the format `options` ask for.
void write_report(const LaunchReport& report, const OutputOptions& options, Console& console);

}  // namespace cli
