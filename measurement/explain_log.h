#pragma once
#include <optional>

#include "measurement/tcg_log.h"

namespace measurement {

/// What an event log says of a register that does not have the predicted value.
struct LogExplanation {
  /// The register that has the digest after all the log's events; nullopt when none has: the log is another boot's.
  std::optional<unsigned> reg;
  std::optional<Difference> difference;  ///< the first event that is not the predicted one; nullopt: all are
};

/// @param digest 32 bytes for the SHA-256 bank, 48 for SHA-384
/// @param predicted with the log's own register numbers
LogExplanation explain_with_log(base::Bytes digest, const std::vector<BootEvent>& predicted, const EventLog& log);

}  // namespace measurement
