#pragma once
#include <optional>

#include "base/json.h"
#include "cli/console.h"
#include "cli/explain_planned.h"
#include "measurement/snp_report.h"

namespace cli {

/// What a search for a digest found out.
struct ExplainReport {
  base::Buffer digest;
  std::optional<measurement::SnpReport> snp;
  const ExpectedLaunches& expected;
  const measurement::KnownFiles& files;
  const measurement::SearchResult& result;
};

/// What else of an SNP report is not as planned, or is worth knowing: debugging allowed, initdata of another guest.
std::vector<std::string> report_findings(const measurement::SnpReport& report, const ExpectedLaunches& expected);

inline constexpr const char* explanation_schema = "bulkhead.explanation/v1";
/// The members of its "launch", and a list of sentences.
base::Json launch_json(const measurement::LaunchCandidate& launch, const measurement::KnownFiles& files);
base::Json texts_json(const std::vector<std::string>& all);
/// bulkhead.explanation/v1
base::Json explain_json(const ExplainReport& report);
/// The same facts for people.
void print_explanation(const ExplainReport& report, Console& console);

}  // namespace cli
