#include <algorithm>
#include <map>

#include "measurement/tcg_log.h"

namespace measurement {
namespace {

constexpr std::uint32_t no_action = 3;

std::string described(const std::string& type, const std::optional<base::Sha256>& sha256,
                      const std::optional<base::Sha384>& sha384) {
  return type + " " + (sha256 ? "sha256:" + sha256->hex() : sha384 ? "sha384:" + sha384->hex() : "without digest");
}

bool same(const BootEvent& predicted, const LogEvent& logged) {
  if (!logged.sha256 && !logged.sha384) return false;
  if (predicted.provenance == Provenance::unpredictable) return event_type_name(logged.type) == predicted.type;
  return (!logged.sha256 || *logged.sha256 == predicted.sha256) &&
         (!logged.sha384 || *logged.sha384 == predicted.sha384);
}

Difference difference(unsigned pcr, std::size_t index, const BootEvent* predicted, const LogEvent* logged) {
  Difference found{pcr, index, predicted ? predicted->what : "", "no event", "no event", ""};
  // When only the SHA-384 digests differ, those are the ones to show.
  const bool show_384 = predicted && logged && logged->sha256 && *logged->sha256 == predicted->sha256;
  if (logged)
    found.got = described(event_type_name(logged->type), show_384 ? std::nullopt : logged->sha256, logged->sha384);
  if (predicted)
    found.wanted = described(predicted->type,
                             show_384 || (logged && !logged->sha256) ? std::nullopt : std::optional(predicted->sha256),
                             predicted->sha384);
  found.text = "PCR " + std::to_string(pcr) + " event " + std::to_string(index) +
               (predicted ? " (" + predicted->what + ")" : std::string(" (not predicted)")) + ": got " + found.got +
               ", wanted " + found.wanted;
  return found;
}

using Column = std::vector<const LogEvent*>;

std::map<unsigned, Column> columns_of(const EventLog& log, const std::set<unsigned>& pcrs) {
  std::map<unsigned, Column> columns;
  for (const LogEvent& event : log.events)
    if (event.type != no_action && pcrs.contains(event.pcr)) columns[event.pcr].push_back(&event);
  return columns;
}

}  // namespace

std::vector<ComparedEvent> compare_events(const std::vector<BootEvent>& predicted, const EventLog& log,
                                          const std::set<unsigned>& pcrs) {
  std::map<unsigned, Column> logged = columns_of(log, pcrs);
  std::map<unsigned, std::size_t> next;
  std::vector<ComparedEvent> all;
  for (const BootEvent& event : predicted) {
    if (!pcrs.contains(event.pcr)) continue;
    const std::size_t index = next[event.pcr]++;
    const Column& column = logged[event.pcr];
    const LogEvent* const found = index < column.size() ? column[index] : nullptr;
    all.push_back({event.pcr, index, &event, found, found != nullptr && same(event, *found)});
  }
  for (const auto& [pcr, column] : logged)
    for (std::size_t index = next[pcr]; index < column.size(); ++index)
      all.push_back({pcr, index, nullptr, column[index], false});
  return all;
}

std::optional<Difference> first_difference(const std::vector<BootEvent>& predicted, const EventLog& log,
                                           const std::set<unsigned>& pcrs) {
  const std::vector<ComparedEvent> all = compare_events(predicted, log, pcrs);
  const auto found = std::find_if(all.begin(), all.end(), [](const ComparedEvent& event) { return !event.equal; });
  if (found == all.end()) return std::nullopt;
  return difference(found->pcr, found->index, found->predicted, found->logged);
}

}  // namespace measurement
