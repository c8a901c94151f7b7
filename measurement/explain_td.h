#pragma once
#include <vector>

#include "measurement/explain_models.h"
#include "measurement/td_quote.h"

namespace measurement {

/// One register of a TD and the launch that has it.
struct ExplainedRegister {
  TdRegister reg = TdRegister::mrtd;
  base::Sha384 digest;
  SearchResult result;
};

/// Why a TD's registers are not the planned ones, register by register. A launch that explains one is where the search
/// for the next starts, so each names only what the registers before it did not show; and it must have those, too.
struct TdExplanation {
  std::vector<ExplainedRegister> registers;
  LaunchCandidate launch;  ///< the launch with all changes that were found
  [[nodiscard]] bool complete() const;
  /// Whether this explains more than `other`, or the same with fewer changes.
  [[nodiscard]] bool better_than(const TdExplanation& other) const;
};
TdExplanation explain_td(const TdRegisters& observed, const PlannedLaunch& planned, const KnownFiles& files,
                         const SearchOptions& options = {});

}  // namespace measurement
