#include "measurement/explain_log.h"

#include <algorithm>

#include "measurement/candidate_boots.h"
#include "measurement/event_types.h"
#include "measurement/explain_models.h"

namespace measurement {
namespace {

template <typename Digest>
std::optional<unsigned> register_with(const std::map<unsigned, Digest>& bank, base::Bytes digest) {
  const auto found = std::find_if(bank.begin(), bank.end(), [&](const auto& entry) {
    return std::equal(digest.begin(), digest.end(), entry.second.bytes.begin(), entry.second.bytes.end());
  });
  return found == bank.end() ? std::nullopt : std::optional(found->first);
}

/// One unpredictable event stands for all the ACPI files when they are not given; the log says how many there are.
void match_number_of_acpi_events(std::vector<BootEvent>& events, const EventLog& log) {
  const auto logged = std::count_if(log.events.begin(), log.events.end(), [](const LogEvent& event) {
    return event.type == ev_platform_config_flags && base::text_of(event.data).starts_with("ACPI DATA");
  });
  const auto unknown = std::find_if(events.begin(), events.end(), [](const BootEvent& event) {
    return event.provenance == Provenance::unpredictable && event.what.starts_with("ACPI tables");
  });
  if (unknown == events.end() || logged < 2) return;
  const BootEvent copy = *unknown;
  events.insert(unknown, static_cast<std::size_t>(logged) - 1, copy);
}

base::Bytes digest_of(const EventLog& log, const Difference& difference) {
  std::size_t index = 0;
  for (const LogEvent& event : log.events) {
    if (event.type == ev_no_action || event.pcr != difference.pcr || index++ != difference.index) continue;
    return event.sha384 ? event.sha384->view() : event.sha256 ? event.sha256->view() : base::Bytes{};
  }
  return {};
}

}  // namespace

std::vector<ExplainedDifference> explain_log(const EventLog& log, LogKind kind, const PlannedLaunch& planned,
                                             const KnownFiles& files, std::optional<unsigned> only,
                                             const SearchOptions& options) {
  const base::Tee tee = kind == LogKind::cc ? base::Tee::tdx : base::Tee::emulated;
  const SharedBoots boots = boots_of(files);
  Prediction boot = boots->predict(planned.launch, tee);
  match_number_of_acpi_events(boot.events, log);
  for (Alternative& other : boot.alternatives) match_number_of_acpi_events(other.events, log);
  std::vector<ExplainedDifference> explained;
  for (const Difference& difference : differences(boot, log, kind)) {
    if (only && difference.pcr != *only) continue;
    ExplainedDifference& one = explained.emplace_back(ExplainedDifference{difference, {}});
    const base::Bytes digest = digest_of(log, difference);
    if (digest.empty()) continue;
    one.event = explain_digest(digest, {planned}, files, *event_model(boots, tee, difference.pcr), options);
  }
  return explained;
}

std::optional<unsigned> register_with_digest(const EventLog& log, base::Bytes digest) {
  const PcrValues values = replay(log);
  return digest.size() == base::Sha256::size ? register_with(values.sha256, digest)
                                             : register_with(values.sha384, digest);
}

}  // namespace measurement
