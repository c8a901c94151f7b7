#pragma once
#include <optional>
#include <vector>

#include "base/json.h"
#include "cli/console.h"
#include "measurement/log_comparison.h"

namespace cli {

/// What `replay` found out about a log.
struct ReplayReport {
  measurement::EventLog log;
  measurement::LogKind kind = measurement::LogKind::tpm;
  measurement::PcrValues registers;
  std::optional<std::vector<measurement::Difference>> differences;          ///< from a prediction, when there is one
  std::optional<std::vector<measurement::RegisterComparison>> quote, pcrs;  ///< likewise

  /// Whether everything it was compared with agrees.
  [[nodiscard]] bool matches() const;
};

/// bulkhead.replay/v1
base::Json replay_json(const ReplayReport& report);
void print(const ReplayReport& report, Console& console);

}  // namespace cli
