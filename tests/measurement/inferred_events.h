#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "measurement/tcg_log.h"

namespace measurement {

/// `events` with the digests of those whose `what` is in `inferred` taken from the event at the same place of the same
/// PCR in `log`: for files of a recorded boot that are not kept. All else stays predicted.
inline std::vector<BootEvent> with_digests_of(const EventLog& log, const std::set<std::string>& inferred,
                                              std::vector<BootEvent> events) {
  std::map<unsigned, std::vector<const LogEvent*>> logged;
  for (const LogEvent& event : log.events)
    if (event.type != 3) logged[event.pcr].push_back(&event);
  std::map<unsigned, std::size_t> next;
  for (BootEvent& event : events) {
    const std::size_t index = next[event.pcr]++;
    if (!inferred.contains(event.what) || index >= logged[event.pcr].size()) continue;
    event.sha256 = logged[event.pcr][index]->sha256.value_or(base::Sha256{});
    event.sha384 = logged[event.pcr][index]->sha384.value_or(base::Sha384{});
  }
  return events;
}

}  // namespace measurement
