#include "cli/rehearsal_report.h"

#include <iomanip>

namespace cli {
namespace {

using base::Json;
using measurement::BootEvent;
using measurement::ComparedEvent;
using measurement::LogEvent;
using measurement::PcrValues;
using measurement::Provenance;

/// A register nobody extended holds its start value: zeros.
template <typename Values>
std::string value_of(const Values& bank, unsigned pcr) {
  const auto found = bank.find(pcr);
  return found == bank.end() ? typename Values::mapped_type().hex() : found->second.hex();
}

template <typename Values>
void compare_bank(const std::string& bank, const Values& predicted, const Values& real,
                  const std::set<unsigned>& unknown, std::vector<ComparedRegister>& all) {
  for (const unsigned pcr : rehearsed_pcrs()) {
    const std::string wanted = unknown.contains(pcr) ? std::string() : value_of(predicted, pcr);
    const std::string got = value_of(real, pcr);
    all.push_back({bank, pcr, wanted, got, wanted.empty() || wanted == got});
  }
}

std::vector<ComparedRegister> compare_registers(const std::vector<BootEvent>& events, const PcrValues& real) {
  std::set<unsigned> unknown;
  for (const BootEvent& event : events)
    if (event.provenance == Provenance::unpredictable) unknown.insert(event.pcr);
  const PcrValues predicted = measurement::fold(events);
  std::vector<ComparedRegister> all;
  compare_bank("sha256", predicted.sha256, real.sha256, unknown, all);
  compare_bank("sha384", predicted.sha384, real.sha384, unknown, all);
  return all;
}

std::string different_register(const std::vector<ComparedRegister>& registers) {
  for (const ComparedRegister& one : registers) {
    if (!one.equal)
      return one.bank + " PCR " + std::to_string(one.pcr) + ": the TPM has " + one.real + ", wanted " + one.predicted +
             ", although the log is as predicted";
  }
  return {};
}

/// Whether the firmware's log tells what was really extended.
std::string untrue_log(const RehearsalReport& report) {
  const PcrValues replayed = measurement::replay(report.log);
  for (const unsigned pcr : rehearsed_pcrs()) {
    if (value_of(replayed.sha256, pcr) != value_of(report.pcrs.sha256, pcr) ||
        value_of(replayed.sha384, pcr) != value_of(report.pcrs.sha384, pcr))
      return "PCR " + std::to_string(pcr) + ": the event log does not replay to the TPM's value";
  }
  return {};
}

RehearsalVerdict judged(const RehearsalReport& report, const std::vector<BootEvent>& events) {
  RehearsalVerdict verdict;
  verdict.events = measurement::compare_events(events, report.log, rehearsed_pcrs());
  verdict.registers = compare_registers(events, report.pcrs);
  if (const auto found = measurement::first_difference(events, report.log, rehearsed_pcrs()))
    verdict.difference = found->text;
  if (verdict.difference.empty()) verdict.difference = untrue_log(report);
  if (verdict.difference.empty()) verdict.difference = different_register(verdict.registers);
  return verdict;
}

std::string shortened(const std::string& hex) {
  return hex.substr(0, 16);
}
std::string digest_of(const LogEvent& event) {
  return event.sha384 ? event.sha384->hex() : event.sha256 ? event.sha256->hex() : std::string();
}

Json digests_json(const std::string& sha256, const std::string& sha384) {
  return Json::Object{{"sha256", sha256}, {"sha384", sha384}};
}

Json event_json(const ComparedEvent& event) {
  Json json;
  json["pcr"] = event.pcr;
  json["equal"] = event.equal;
  if (event.predicted != nullptr) {
    json["what"] = event.predicted->what;
    json["type"] = event.predicted->type;
    json["provenance"] = measurement::name_of(event.predicted->provenance);
    json["predicted"] = digests_json(event.predicted->sha256.hex(), event.predicted->sha384.hex());
  }
  if (event.logged != nullptr) {
    if (event.predicted == nullptr) json["type"] = measurement::event_type_name(event.logged->type);
    json["real"] = digests_json(event.logged->sha256 ? event.logged->sha256->hex() : std::string(),
                                event.logged->sha384 ? event.logged->sha384->hex() : std::string());
  }
  return json;
}

void print_event(const ComparedEvent& event, Console& console) {
  const std::string what =
      event.predicted != nullptr ? event.predicted->what : measurement::event_type_name(event.logged->type);
  const bool unknown = event.predicted != nullptr && event.predicted->provenance == Provenance::unpredictable;
  const std::string wanted = event.predicted == nullptr ? "nothing"
                             : unknown                  ? "cannot be known"
                                                        : shortened(event.predicted->sha384.hex());
  const std::string got = event.logged == nullptr ? "no event" : shortened(digest_of(*event.logged));
  console.out << "  " << std::setw(3) << event.pcr << "  " << std::left << std::setw(62) << what << std::right << "  "
              << (event.equal ? coloured(console, "as predicted", "32") + "  " + got
                              : coloured(console, "differs", "31") + "  real " + got + ", predicted " + wanted)
              << "\n";
}

}  // namespace

const std::set<unsigned>& rehearsed_pcrs() {
  static const std::set<unsigned> pcrs = {1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 14};
  return pcrs;
}

RehearsalVerdict judge(const RehearsalReport& report) {
  RehearsalVerdict usual = judged(report, report.prediction.events);
  if (usual.difference.empty()) return usual;
  for (const measurement::Alternative& alternative : report.prediction.alternatives) {
    RehearsalVerdict other = judged(report, alternative.events);
    other.outcome = alternative.what;
    if (other.difference.empty()) return other;
  }
  return usual;
}

Json rehearsal_json(const RehearsalReport& report, const RehearsalVerdict& verdict) {
  Json json;
  json["schema"] = "bulkhead.rehearsal/v1";
  json["equal"] = verdict.difference.empty();
  if (!verdict.difference.empty()) json["firstDifference"] = verdict.difference;
  if (!verdict.outcome.empty()) json["outcome"] = verdict.outcome;
  Json::Array launched, events, registers;
  for (const std::string& line : report.launched) launched.emplace_back(line);
  for (const ComparedEvent& event : verdict.events) events.push_back(event_json(event));
  for (const ComparedRegister& one : verdict.registers) {
    registers.push_back(Json::Object{{"bank", one.bank},
                                     {"pcr", one.pcr},
                                     {"predicted", one.predicted.empty() ? Json() : Json(one.predicted)},
                                     {"real", one.real},
                                     {"equal", one.equal}});
  }
  json["launched"] = std::move(launched);
  json["events"] = std::move(events);
  json["registers"] = std::move(registers);
  return json;
}

void print(const RehearsalReport& report, const RehearsalVerdict& verdict, Console& console) {
  for (const std::string& line : report.launched) console.out << line << "\n";
  if (!verdict.outcome.empty()) console.out << "this time: " << verdict.outcome << "\n";
  console.out << coloured(console, "  PCR  event", "1") << "\n";
  for (const ComparedEvent& event : verdict.events) print_event(event, console);
  unsigned known = 0;
  for (const ComparedRegister& one : verdict.registers) known += one.predicted.empty() ? 0 : 1;
  if (verdict.difference.empty()) {
    console.out << coloured(console, "equal: ", "32") << verdict.events.size() << " events and " << known
                << " registers (PCR 1 to 5, 7 to 9, 11 to 14; SHA-256 and SHA-384) are as predicted\n";
  } else {
    console.out << coloured(console, "differs: ", "31") << verdict.difference << "\n";
  }
}

}  // namespace cli
