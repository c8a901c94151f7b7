#include "measurement/prediction.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/error.h"

namespace measurement {
namespace {

using base::Json;

constexpr std::int64_t last_pcr = 23;

[[noreturn]] void refuse(const std::string& what) {
  throw base::Error(base::Kind::malformed, "measurement: " + what);
}

template <typename Digest>
Digest digest_of(const Json& event, std::string_view name) {
  const std::string& text = event.at(name).text();
  const auto digest = Digest::parse(text);
  if (!digest || digest->hex() != text)
    refuse("event: " + std::string(name) + " is '" + text + "', wanted " + std::to_string(2 * Digest::size) +
           " lower-case hexadecimal digits");
  return *digest;
}

template <typename Digest>
Json bank_json(const std::map<unsigned, Digest>& bank) {
  Json json{Json::Object{}};
  for (const auto& [pcr, digest] : bank) json[std::to_string(pcr)] = digest.hex();
  return json;
}

std::set<unsigned> registers_of(const std::vector<BootEvent>& events) {
  std::set<unsigned> registers;
  for (const BootEvent& event : events) registers.insert(event.pcr);
  return registers;
}

std::vector<BootEvent> of_register(const std::vector<BootEvent>& events, unsigned pcr) {
  std::vector<BootEvent> chosen;
  std::copy_if(events.begin(), events.end(), std::back_inserter(chosen),
               [pcr](const BootEvent& event) { return event.pcr == pcr; });
  return chosen;
}

// The events of `alternative` in those registers whose events are not the same in `events`.
std::vector<BootEvent> differing(const std::vector<BootEvent>& events, const std::vector<BootEvent>& alternative) {
  std::set<unsigned> registers = registers_of(events);
  registers.merge(registers_of(alternative));
  std::erase_if(registers, [&](unsigned pcr) { return of_register(events, pcr) == of_register(alternative, pcr); });
  std::vector<BootEvent> chosen;
  std::copy_if(alternative.begin(), alternative.end(), std::back_inserter(chosen),
               [&](const BootEvent& event) { return registers.contains(event.pcr); });
  return chosen;
}

base::Tee tee_named(const std::string& name) {
  for (const base::Tee tee : {base::Tee::emulated, base::Tee::tdx})
    if (name == base::name_of(tee)) return tee;
  refuse("tee is '" + name + "', wanted one with events: emulated or tdx");
}

std::vector<BootEvent> parse_events(const Json& json) {
  std::vector<BootEvent> events;
  for (const Json& event : json.array()) events.push_back(parse_event(event));
  return events;
}

// Where the alternative has events of a register, they take the place of the first list's.
std::vector<BootEvent> replaced(const std::vector<BootEvent>& events, std::vector<BootEvent> instead) {
  const std::set<unsigned> registers = registers_of(instead);
  std::vector<BootEvent> all;
  std::copy_if(events.begin(), events.end(), std::back_inserter(all),
               [&](const BootEvent& event) { return !registers.contains(event.pcr); });
  std::move(instead.begin(), instead.end(), std::back_inserter(all));
  return all;
}

}  // namespace

std::optional<unsigned> cc_register_of_pcr(unsigned pcr) noexcept {
  if (pcr == 0) return 0;
  if (pcr == 1 || pcr == 7) return 1;
  if (pcr <= 6) return 2;
  return pcr <= 15 ? std::optional(3U) : std::nullopt;
}

Json event_json(const BootEvent& event) {
  return Json::Object{{"pcr", event.pcr},
                      {"type", event.type},
                      {"what", event.what},
                      {"provenance", name_of(event.provenance)},
                      {"sha256", event.sha256.hex()},
                      {"sha384", event.sha384.hex()}};
}

BootEvent parse_event(const Json& json) {
  base::expect_members(json, {"pcr", "type", "what", "provenance", "sha256", "sha384"}, "measurement: event");
  const std::int64_t pcr = json.at("pcr").integer();
  if (pcr < 0 || pcr > last_pcr) refuse("event: pcr is " + std::to_string(pcr) + ", wanted 0 to 23");
  const std::string& name = json.at("provenance").text();
  const auto provenance = provenance_named(name);
  if (!provenance)
    refuse("event: provenance is '" + name + "', wanted input_file, vm_shape, firmware_constant or unpredictable");
  return {static_cast<unsigned>(pcr),
          json.at("type").text(),
          json.at("what").text(),
          *provenance,
          digest_of<base::Sha256>(json, "sha256"),
          digest_of<base::Sha384>(json, "sha384")};
}

Json registers_json(const PcrValues& values) {
  return Json::Object{{"sha256", bank_json(values.sha256)}, {"sha384", bank_json(values.sha384)}};
}

Json::Array events_json(const std::vector<BootEvent>& events) {
  Json::Array list;
  for (const BootEvent& event : events) list.push_back(event_json(event));
  return list;
}

Prediction predict_direct_boot(const BootInputs& inputs) {
  Prediction boot;
  boot.events = predict_boot_events(inputs);
  boot.alternatives = {{std::string(exit_boot_services_retried), with_exit_boot_services_retry(boot.events)}};
  return boot;
}

Json::Array alternatives_json(const Prediction& prediction) {
  Json::Array list;
  for (const Alternative& alternative : prediction.alternatives) {
    const std::vector<BootEvent> events = differing(prediction.events, alternative.events);
    list.emplace_back(Json::Object{
        {"what", alternative.what}, {"pcrs", registers_json(fold(events))}, {"events", events_json(events)}});
  }
  return list;
}

Prediction parse_prediction(const Json& document) {
  if (const Json* schema = document.find("schema");
      !schema || !schema->is_string() || schema->text() != "bulkhead.measurement/v1")
    refuse("schema: wanted bulkhead.measurement/v1");
  Prediction prediction;
  prediction.tee = tee_named(document.at("tee").text());
  prediction.events = parse_events(document.at("events"));
  if (const Json* alternatives = document.find("alternatives"))
    for (const Json& one : alternatives->array())
      prediction.alternatives.push_back(
          {one.at("what").text(), replaced(prediction.events, parse_events(one.at("events")))});
  return prediction;
}

}  // namespace measurement
