#include "measurement/log_comparison.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/error.h"

namespace measurement {
namespace {

using base::Json;

constexpr std::uint16_t sha384_id = 0x0c, sm3_id = 0x12;
constexpr unsigned last_cc_register = 4, last_logged_cc_register = 3, last_pcr = 23;

void check_kind(const Prediction& prediction, LogKind kind) {
  const bool of_td = prediction.tee == base::Tee::tdx;
  if (of_td != (kind == LogKind::cc))
    throw base::Error(base::Kind::usage, std::string("prediction: is of tee ") + base::name_of(prediction.tee) +
                                             ", the log is " + (of_td ? "a TPM's" : "a confidential guest's"));
}

Difference with_register_name(Difference difference, LogKind kind) {
  if (kind == LogKind::cc)
    difference.text.replace(0, difference.text.find(" event"), register_name(kind, difference.pcr));
  return difference;
}

template <typename Digest>
void append_common(const char* bank, const std::map<unsigned, Digest>& replayed,
                   const std::map<unsigned, Digest>& wanted, std::vector<RegisterComparison>& all) {
  for (const auto& [pcr, digest] : wanted)
    if (const auto found = replayed.find(pcr); found != replayed.end())
      all.push_back({std::string(bank) + " PCR " + std::to_string(pcr), found->second.hex(), digest.hex()});
}

[[noreturn]] void refuse(const std::string& what) {
  throw base::Error(base::Kind::malformed, "register values: " + what);
}

void add_value(const std::string& key, const std::string& text, PcrValues& values) {
  unsigned pcr = 0;
  const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), pcr);
  if (problem != std::errc() || end != key.data() + key.size() || pcr > last_pcr)
    refuse("'" + key + "', wanted a PCR from 0 to 23");
  if (const auto sha256 = base::Sha256::parse(text))
    values.sha256[pcr] = *sha256;
  else if (const auto sha384 = base::Sha384::parse(text))
    values.sha384[pcr] = *sha384;
  else
    refuse("PCR " + key + " is '" + text + "', wanted 64 or 96 hexadecimal digits");
}

}  // namespace

LogKind guess_kind(const EventLog& log) {
  const bool one_bank = log.algorithms.size() == 1 && (log.algorithms[0] == sha384_id || log.algorithms[0] == sm3_id);
  const bool few_registers = std::all_of(log.events.begin(), log.events.end(), [](const LogEvent& event) {
    return event.pcr <= last_cc_register || event.pcr == no_register;
  });
  return one_bank && few_registers ? LogKind::cc : LogKind::tpm;
}

std::string register_name(LogKind kind, unsigned index) {
  if (index == no_register) return "none";
  if (kind == LogKind::tpm || index > last_cc_register) return "PCR " + std::to_string(index);
  return index == 0 ? "MRTD" : "RTMR" + std::to_string(index - 1);
}

std::vector<Difference> differences(const Prediction& prediction, const EventLog& log, LogKind kind) {
  check_kind(prediction, kind);
  std::vector<std::vector<BootEvent>> candidates{prediction.events};
  for (const Alternative& alternative : prediction.alternatives) candidates.push_back(alternative.events);
  std::vector<Difference> found;
  std::set<unsigned> seen;
  for (const BootEvent& event : candidates.front()) {
    if (!seen.insert(event.pcr).second || (kind == LogKind::cc && event.pcr > last_logged_cc_register)) continue;
    std::vector<std::optional<Difference>> each;
    std::transform(candidates.begin(), candidates.end(), std::back_inserter(each),
                   [&](const std::vector<BootEvent>& events) { return first_difference(events, log, {event.pcr}); });
    const bool good = std::any_of(each.begin(), each.end(), [](const auto& one) { return !one; });
    if (!good) found.push_back(with_register_name(*each.front(), kind));
  }
  return found;
}

std::vector<RegisterComparison> compare_with_quote(const PcrValues& replayed, const TdRegisters& quote) {
  std::vector<RegisterComparison> all;
  for (unsigned i = 0; i < quote.rtmr.size(); ++i) {
    const auto found = replayed.sha384.find(i + 1);
    const base::Sha384 value = found == replayed.sha384.end() ? base::Sha384{} : found->second;
    all.push_back({"RTMR" + std::to_string(i), value.hex(), quote.rtmr[i].hex(), i < last_logged_cc_register});
  }
  return all;
}

std::vector<RegisterComparison> compare_with_pcrs(const PcrValues& replayed, const PcrValues& wanted) {
  std::vector<RegisterComparison> all;
  append_common("sha256", replayed.sha256, wanted.sha256, all);
  append_common("sha384", replayed.sha384, wanted.sha384, all);
  return all;
}

PcrValues parse_pcr_values(const Json& json) {
  if (const Json* inner = json.find("pcrs")) return parse_pcr_values(*inner);
  PcrValues values;
  for (const auto& [key, value] : json.object()) {
    if (value.is_string()) {
      add_value(key, value.text(), values);
      continue;
    }
    if (key != "sha256" && key != "sha384") refuse("'" + key + "', wanted sha256, sha384 or a PCR");
    for (const auto& [pcr, digest] : value.object()) add_value(pcr, digest.text(), values);
  }
  if (values == PcrValues{}) refuse("none in the document");
  return values;
}

}  // namespace measurement
