#include "cli/replay_report.h"

#include <algorithm>

#include "measurement/event_data.h"
#include "measurement/event_types.h"

namespace cli {
namespace {

using base::Json;
using measurement::DataProof;
using measurement::LogEvent;
using measurement::RegisterComparison;

Json event_json(const LogEvent& event, measurement::LogKind kind) {
  Json json = Json::Object{{"offset", static_cast<std::int64_t>(event.offset)},
                           {"register", measurement::register_name(kind, event.pcr)},
                           {"type", measurement::event_type_name(event.type)},
                           {"data", measurement::event_data_json(event)}};
  if (event.type == measurement::ev_no_action) return json;
  json["dataProof"] = measurement::name_of(measurement::data_proof(event));
  if (event.sha256) json["sha256"] = event.sha256->hex();
  if (event.sha384) json["sha384"] = event.sha384->hex();
  return json;
}

template <typename Digest>
Json bank_json(const std::map<unsigned, Digest>& bank, measurement::LogKind kind) {
  Json json = Json::Object{};
  for (const auto& [index, digest] : bank) json[measurement::register_name(kind, index)] = digest.hex();
  return json;
}

Json comparison_json(const std::vector<RegisterComparison>& registers) {
  Json::Array list;
  for (const RegisterComparison& one : registers)
    list.emplace_back(Json::Object{{"register", one.name},
                                   {"replayed", one.replayed},
                                   {"wanted", one.wanted},
                                   {"matches", one.matches()},
                                   {"mustMatch", one.must_match}});
  return list;
}

Json differences_json(const ReplayReport& report) {
  Json::Array list;
  for (const measurement::Difference& one : *report.differences)
    list.emplace_back(Json::Object{{"register", measurement::register_name(report.kind, one.pcr)},
                                   {"event", static_cast<std::int64_t>(one.index)},
                                   {"what", one.what},
                                   {"got", one.got},
                                   {"wanted", one.wanted}});
  return list;
}

bool good(const std::optional<std::vector<RegisterComparison>>& registers) {
  return !registers || std::all_of(registers->begin(), registers->end(),
                                   [](const RegisterComparison& one) { return one.matches() || !one.must_match; });
}

// The member that tells most about an event, as one line.
std::string summary(const Json& data) {
  for (const char* const key : {"text", "name", "path", "hex"})
    if (const Json* found = data.find(key); found && found->is_string()) {
      std::string text = found->text();
      std::replace(text.begin(), text.end(), '\n', ' ');
      return text;
    }
  return data.compact();
}

void print_events(const ReplayReport& report, Console& console) {
  for (std::size_t i = 0; i < report.log.events.size(); ++i) {
    const LogEvent& event = report.log.events[i];
    const std::string digest = event.sha384 ? event.sha384->hex() : event.sha256 ? event.sha256->hex() : "";
    console.out << "  " << i << "  " << measurement::register_name(report.kind, event.pcr) << "  "
                << measurement::event_type_name(event.type) << "  " << digest.substr(0, 16) << "  "
                << summary(measurement::event_data_json(event));
    if (event.type != measurement::ev_no_action && measurement::data_proof(event) == DataProof::contradicted)
      console.out << coloured(console, "  (the data is not what was measured)", "31");
    console.out << "\n";
  }
}

void print_registers(const ReplayReport& report, Console& console) {
  for (const auto& [index, digest] : report.registers.sha256)
    console.out << "  sha256 " << measurement::register_name(report.kind, index) << "  " << digest.hex() << "\n";
  for (const auto& [index, digest] : report.registers.sha384)
    console.out << "  sha384 " << measurement::register_name(report.kind, index) << "  " << digest.hex() << "\n";
}

void print_comparison(const char* title, const std::vector<RegisterComparison>& registers, Console& console) {
  console.out << coloured(console, title, "1") << "\n";
  for (const RegisterComparison& one : registers) {
    console.out << "  " << one.name << "  ";
    if (one.matches())
      console.out << coloured(console, "matches", "32") << "\n";
    else if (!one.must_match)
      console.out << "differs; it is extended without a log\n";
    else
      console.out << coloured(console, "differs", "31") << ": got " << one.replayed << ", wanted " << one.wanted
                  << "\n";
  }
}

}  // namespace

bool ReplayReport::matches() const {
  return (!differences || differences->empty()) && good(quote) && good(pcrs);
}

Json replay_json(const ReplayReport& report) {
  Json json = Json::Object{{"schema", "bulkhead.replay/v1"},
                           {"log", report.kind == measurement::LogKind::cc ? "ccel" : "tpm"},
                           {"matches", report.matches()},
                           {"events", Json::Array{}}};
  json["registers"]["sha256"] = bank_json(report.registers.sha256, report.kind);
  json["registers"]["sha384"] = bank_json(report.registers.sha384, report.kind);
  for (const LogEvent& event : report.log.events) json["events"].push_back(event_json(event, report.kind));
  if (report.differences) json["differences"] = differences_json(report);
  if (report.quote) json["quote"] = comparison_json(*report.quote);
  if (report.pcrs) json["pcrs"] = comparison_json(*report.pcrs);
  return json;
}

void print(const ReplayReport& report, Console& console) {
  console.out << coloured(console, "events", "1") << "\n";
  print_events(report, console);
  console.out << coloured(console, "registers", "1") << "\n";
  print_registers(report, console);
  if (report.quote) print_comparison("quote", *report.quote, console);
  if (report.pcrs) print_comparison("register values", *report.pcrs, console);
  if (!report.differences) return;
  console.out << coloured(console, "prediction", "1") << "\n";
  if (report.differences->empty()) console.out << "  " << coloured(console, "matches", "32") << "\n";
  for (const measurement::Difference& one : *report.differences) console.out << "  " << one.text << "\n";
}

}  // namespace cli
