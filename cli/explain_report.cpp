#include "cli/explain_report.h"

#include <algorithm>

#include "base/encoding.h"

namespace cli {
namespace {

using base::Json;
using measurement::Explanation;
using measurement::KnownFile;
using measurement::LaunchCandidate;
using measurement::SnpReport;

/// Source: AMD 56860 revision 1.57, table 9.
constexpr std::uint64_t debug_allowed = 1ULL << 19U;

Json file_json(const std::vector<KnownFile>& files, const std::optional<std::size_t>& index) {
  if (!index) return {};
  return Json::Object{{"path", files[*index].name}, {"sha256", files[*index].sha256.hex()}};
}

/// The initdata a report is bound to, in words.
std::string host_data_finding(const SnpReport& report, const provisioner::Plan& plan) {
  const auto& guests = plan.intent.guests;
  const auto bound = std::find_if(guests.begin(), guests.end(), [&](const provisioner::GuestIntent& guest) {
    return guest.initdata_sha256 == report.host_data;
  });
  if (bound == guests.end())
    return "HOST_DATA is " + report.host_data.hex() + ", the initdata of no guest of " + plan.intent.tenant.name;
  return "HOST_DATA is the initdata of " + plan.intent.tenant.name + "/" + bound->id.text();
}

std::string searched(const ExplainReport& report) {
  const measurement::KnownFiles& files = report.files;
  return std::to_string(report.result.tried) + " launches near " + std::to_string(report.expected.launches.size()) +
         " planned; " + std::to_string(files.firmware.size()) + " firmware, " + std::to_string(files.kernels.size()) +
         " kernels and " + std::to_string(files.initrds.size()) + " initrds known";
}

}  // namespace

Json launch_json(const LaunchCandidate& launch, const measurement::KnownFiles& files) {
  return Json::Object{
      {"firmware", file_json(files.firmware, launch.firmware)},
      {"kernel", file_json(files.kernels, launch.kernel)},
      {"initrd", file_json(files.initrds, launch.initrd)},
      {"commandLine", launch.command_line},
      {"kernelHashes", launch.kernel.has_value() && launch.kernel_hashes},
      {"cpu", launch.cpu},
      {"cpuSignature", base::hex_number(launch.cpuid_signature)},
      {"sevFeatures", base::hex_number(launch.sev_features)},
      {"vmm", launch.vmm},
      {"vcpus", launch.vcpus},
      {"memoryMiB", static_cast<std::int64_t>(launch.memory.count)},
      {"machine", launch.machine},
      {"pageOrder", launch.page_order == measurement::PageOrder::single_pass ? "single-pass" : "two-pass"},
      {"tables", launch.tables ? Json(files.tables[*launch.tables].name) : Json()},
      {"processorId", launch.processor ? Json(base::hex(*launch.processor)) : Json()}};
}

Json texts_json(const std::vector<std::string>& all) {
  Json json{Json::Array{}};
  for (const std::string& one : all) json.push_back(one);
  return json;
}

std::vector<std::string> report_findings(const SnpReport& report, const ExpectedLaunches& expected) {
  std::vector<std::string> findings;
  if ((report.policy & debug_allowed) != 0)
    findings.emplace_back("the guest policy allows debugging: the host can read the guest's memory");
  if (report.vmpl != 0) findings.push_back("the report is from VMPL " + std::to_string(report.vmpl) + ", not 0");
  if (!expected.plan) return findings;
  findings.push_back(host_data_finding(report, *expected.plan));
  const auto& guests = expected.plan->intent.guests;
  if (!guests.empty() && guests.front().launch && guests.front().launch->snp_policy != report.policy)
    findings.push_back("the guest policy is " + base::hex_number(report.policy) +
                       " (planned: " + base::hex_number(guests.front().launch->snp_policy) + ")");
  return findings;
}

Json explain_json(const ExplainReport& report) {
  const measurement::SearchResult& result = report.result;
  Json json{Json::Object{{"schema", explanation_schema},
                         {"digest", base::hex(report.digest)},
                         {"found", result.found.has_value()},
                         {"tried", static_cast<std::int64_t>(result.tried)},
                         {"impossible", texts_json(result.impossible)}}};
  if (report.snp) json["report"] = texts_json(report_findings(*report.snp, report.expected));
  if (!result.found) return json;
  const Explanation& found = *result.found;
  json["planned"] = report.expected.launches[found.planned].name;
  json["register"] = found.reg;
  json["changes"] = texts_json(found.changes);
  json["launch"] = launch_json(found.launch, report.files);
  json["text"] = "matches " + text_of(found, report.expected.launches);
  return json;
}

void print_explanation(const ExplainReport& report, Console& console) {
  if (const auto& found = report.result.found) {
    console.out << coloured(console, "matches ", "32") << text_of(*found, report.expected.launches) << "\n  "
                << found->reg << ", found after " << report.result.tried << " launches\n";
  } else {
    console.out << coloured(console, "nothing matches", "31") << ": tried " << searched(report) << "\n";
    for (const std::string& why : report.result.impossible) console.out << "  cannot be: " << why << "\n";
  }
  if (!report.snp) return;
  for (const std::string& finding : report_findings(*report.snp, report.expected))
    console.out << "  report: " << finding << "\n";
}

}  // namespace cli
