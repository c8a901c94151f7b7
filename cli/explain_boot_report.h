#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/console.h"
#include "cli/explain_planned.h"
#include "measurement/explain_log.h"
#include "measurement/explain_td.h"

namespace cli {

/// What became of each register of a TD.
struct TdReport {
  measurement::TdRegisters observed;
  measurement::PlannedLaunch planned;
  measurement::TdExplanation explanation;
  std::vector<std::string> findings;
};
/// What else of a quote is not as planned, or is worth knowing: debugging allowed, initdata of another guest.
std::vector<std::string> td_findings(const measurement::TdRegisters& td, const ExpectedLaunches& expected);
/// bulkhead.explanation/v1 with "registers" in place of one digest.
base::Json explain_json(const TdReport& report, const measurement::KnownFiles& files);
void print_explanation(const TdReport& report, Console& console);

/// What became of each register of an event log.
struct LogReport {
  measurement::PlannedLaunch planned;
  measurement::LogKind kind = measurement::LogKind::tpm;
  bool of_this_boot = false;     ///< whether the log replays to what was observed
  std::optional<unsigned> only;  ///< the register in question; nullopt: all
  std::vector<measurement::ExplainedDifference> differences;
};
/// bulkhead.explanation/v1 with "differences". @param digest what was observed; may be empty
base::Json explain_json(const LogReport& report, const base::Buffer& digest);
void print_explanation(const LogReport& report, Console& console);

}  // namespace cli
