#pragma once
#include <optional>
#include <vector>

#include "measurement/explain.h"
#include "measurement/log_comparison.h"

namespace measurement {

/// The first event of one register that is not the planned one, and the launch that has such an event.
struct ExplainedDifference {
  Difference difference;
  SearchResult event;  ///< nothing is looked for when the log has one event too few
};

/// What an event log says of a boot that is not the planned one: each register that differs, in the order of the
/// prediction. An event says more than a register, which hides all but one of several differences.
/// @param only the register that is looked at (its number in the log); nullopt: all
/// @throws base::Error when the planned launch cannot be predicted; Error{usage} when the log is of another kind
std::vector<ExplainedDifference> explain_log(const EventLog& log, LogKind kind, const PlannedLaunch& planned,
                                             const KnownFiles& files, std::optional<unsigned> only = std::nullopt,
                                             const SearchOptions& options = {});

/// The register that has the digest (32 or 48 bytes) after all the log's events; nullopt: the log is another boot's.
std::optional<unsigned> register_with_digest(const EventLog& log, base::Bytes digest);

}  // namespace measurement
