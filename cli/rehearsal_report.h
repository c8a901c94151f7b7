#pragma once
#include <set>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/console.h"
#include "measurement/prediction.h"
#include "measurement/tcg_log.h"

namespace cli {

/// A prediction and what really happened.
struct RehearsalReport {
  std::vector<std::string> launched;  ///< what was started, line by line
  measurement::Prediction prediction;
  measurement::EventLog log;
  measurement::PcrValues pcrs;  ///< of the TPM
};

/// The registers the report is about: all a boot extends but 0 (the firmware measures itself while it changes) and 6.
const std::set<unsigned>& rehearsed_pcrs();

/// One register of one bank.
struct ComparedRegister {
  std::string bank;
  unsigned pcr = 0;
  std::string predicted;  ///< hexadecimal; empty when it cannot be known
  std::string real;
  bool equal = false;
};

/// What the report comes to, for the outcome of `prediction` that the log is nearest to.
struct RehearsalVerdict {
  std::string outcome;  ///< which alternative happened; empty for the usual one
  std::vector<measurement::ComparedEvent> events;
  std::vector<ComparedRegister> registers;
  std::string difference;  ///< the first one, in a sentence; empty when there is none
};
/// The verdict points into `report`.
RehearsalVerdict judge(const RehearsalReport& report);

/// bulkhead.rehearsal/v1
base::Json rehearsal_json(const RehearsalReport& report, const RehearsalVerdict& verdict);
void print(const RehearsalReport& report, const RehearsalVerdict& verdict, Console& console);

}  // namespace cli
