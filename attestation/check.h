#pragma once
#include <algorithm>
#include <string>
#include <vector>

namespace attestation {

/// One question a verifier asked of evidence, and its answer. What was not checked is said, never left out.
struct Check {
  enum class Outcome { ok, failed, not_checked };
  /// Whether evidence can be genuine without this one being ok.
  enum class Weight { mandatory, advisory };

  std::string name;  ///< one word, as documents have it: "signature", "chipId"
  Outcome outcome = Outcome::not_checked;
  Weight weight = Weight::mandatory;
  std::string got, wanted;  ///< for people; empty where there is nothing to say
};

/// "ok", "failed" or "notChecked".
inline std::string outcome_name(Check::Outcome outcome) {
  switch (outcome) {
    case Check::Outcome::ok:
      return "ok";
    case Check::Outcome::failed:
      return "failed";
    case Check::Outcome::not_checked:
      break;
  }
  return "notChecked";
}

/// Whether every mandatory check is ok; nothing checked is nothing proven.
inline bool all_mandatory_ok(const std::vector<Check>& checks) {
  return !checks.empty() && std::ranges::all_of(checks, [](const Check& check) {
    return check.weight == Check::Weight::advisory || check.outcome == Check::Outcome::ok;
  });
}

}  // namespace attestation
