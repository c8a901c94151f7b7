#include "cli/explain_boot_report.h"

#include <algorithm>

#include "base/crypto.h"
#include "cli/explain_report.h"

namespace cli {
namespace {

using base::Json;
using measurement::ExplainedDifference;
using measurement::ExplainedRegister;
using measurement::SearchResult;

/// Source: Intel TDX Module ABI 1.5, ATTRIBUTES.
constexpr std::uint64_t debug = 1U, sept_ve_disable = 1ULL << 28U;

/// The initdata a quote is bound to, in words.
std::string config_finding(const measurement::TdRegisters& td, const provisioner::Plan& plan) {
  const auto& guests = plan.intent.guests;
  const auto bound = std::find_if(guests.begin(), guests.end(), [&](const provisioner::GuestIntent& guest) {
    return base::sha384(base::bytes_of(guest.initdata)) == td.mr_config_id;
  });
  if (bound == guests.end())
    return "MRCONFIGID is " + td.mr_config_id.hex() + ", the initdata of no guest of " + plan.intent.tenant.name;
  return "MRCONFIGID is the initdata of " + plan.intent.tenant.name + "/" + bound->id.text();
}

std::string joined(const std::vector<std::string>& changes) {
  std::string text;
  for (std::size_t i = 0; i < changes.size(); ++i)
    text += (i == 0 ? "" : i + 1 == changes.size() ? " and " : ", ") + changes[i];
  return text;
}

/// "8 vCPUs (planned 2)"; what the registers before showed is not said again.
std::string text_of(const ExplainedRegister& reg) {
  const SearchResult& result = reg.result;
  if (!result.found) return "nothing matches: tried " + std::to_string(result.tried) + " launches";
  const std::string outcome = result.found->reg.substr(measurement::name_of(reg.reg).size());
  return (result.found->changes.empty() ? "as planned" : joined(result.found->changes)) + outcome;
}

Json found_json(const SearchResult& result) {
  Json json{Json::Object{{"found", result.found.has_value()},
                         {"tried", static_cast<std::int64_t>(result.tried)},
                         {"impossible", texts_json(result.impossible)}}};
  if (result.found) json["changes"] = texts_json(result.found->changes);
  return json;
}

std::string text_of(const ExplainedDifference& one, const measurement::PlannedLaunch& planned) {
  if (one.event.tried == 0) return "";
  if (one.event.found) return "such an event has " + measurement::text_of(*one.event.found, {planned});
  return "no launch near the planned one has such an event: tried " + std::to_string(one.event.tried);
}

std::string summary(const LogReport& report) {
  if (!report.of_this_boot) return "the log is of another boot: no register it extends has what was observed";
  if (!report.differences.empty()) return "not as planned: " + std::to_string(report.differences.size()) + " registers";
  return report.only ? measurement::register_name(report.kind, *report.only) + ": every event is as planned"
                     : std::string("every event is as planned");
}

}  // namespace

std::vector<std::string> td_findings(const measurement::TdRegisters& td, const ExpectedLaunches& expected) {
  std::vector<std::string> findings;
  if ((td.attributes & debug) != 0) findings.emplace_back("the TD may be debugged: the host can read its memory");
  if ((td.attributes & sept_ve_disable) == 0)
    findings.emplace_back("SEPT_VE_DISABLE is clear: the host can inject #VE for any page");
  if (expected.plan) findings.push_back(config_finding(td, *expected.plan));
  return findings;
}

Json explain_json(const TdReport& report, const measurement::KnownFiles& files) {
  Json json{Json::Object{{"schema", explanation_schema},
                         {"found", report.explanation.complete()},
                         {"planned", report.planned.name},
                         {"registers", Json::Array{}},
                         {"quote", texts_json(report.findings)},
                         {"launch", launch_json(report.explanation.launch, files)}}};
  for (const ExplainedRegister& reg : report.explanation.registers) {
    Json one = found_json(reg.result);
    one["register"] = measurement::name_of(reg.reg);
    one["digest"] = reg.digest.hex();
    one["text"] = text_of(reg);
    json["registers"].push_back(std::move(one));
  }
  return json;
}

void print_explanation(const TdReport& report, Console& console) {
  console.out << report.planned.name << "\n";
  for (const ExplainedRegister& reg : report.explanation.registers) {
    const bool found = reg.result.found.has_value();
    const std::string name(measurement::name_of(reg.reg));
    console.out << "  " << name << std::string(7 - name.size(), ' ')
                << (found ? text_of(reg) : coloured(console, text_of(reg), "31")) << "\n";
    if (found) continue;
    for (const std::string& why : reg.result.impossible) console.out << "         cannot be: " << why << "\n";
  }
  for (const std::string& finding : report.findings) console.out << "  quote: " << finding << "\n";
}

Json explain_json(const LogReport& report, const base::Buffer& digest) {
  Json json{Json::Object{{"schema", explanation_schema},
                         {"found", report.of_this_boot},
                         {"planned", report.planned.name},
                         {"differences", Json::Array{}},
                         {"text", summary(report)}}};
  if (!digest.empty()) json["digest"] = base::hex(digest);
  if (report.only) json["register"] = measurement::register_name(report.kind, *report.only);
  for (const ExplainedDifference& one : report.differences) {
    Json event = found_json(one.event);
    event["register"] = measurement::register_name(report.kind, one.difference.pcr);
    event["event"] = static_cast<std::int64_t>(one.difference.index);
    event["what"] = one.difference.what;
    event["got"] = one.difference.got;
    event["wanted"] = one.difference.wanted;
    event["text"] = text_of(one, report.planned);
    json["differences"].push_back(std::move(event));
  }
  return json;
}

void print_explanation(const LogReport& report, Console& console) {
  if (report.differences.empty()) console.out << summary(report) << "\n";
  for (const ExplainedDifference& one : report.differences) {
    console.out << one.difference.text << "\n";
    if (const std::string text = text_of(one, report.planned); !text.empty()) console.out << "  " << text << "\n";
  }
}

}  // namespace cli
