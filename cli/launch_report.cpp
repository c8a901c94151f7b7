#include "cli/launch_report.h"

#include <algorithm>

namespace cli {
namespace {

using base::Json;

std::string text_of(const Assumption& assumption) {
  if (!assumption.text.empty()) return assumption.text;
  return assumption.value.is_string() ? assumption.value.text() : assumption.value.compact();
}

void print_digests(const LaunchReport& report, Console& console) {
  if (const auto* const one = std::get_if<std::string>(&report.launch_digest)) {
    console.out << "  " << *one << "\n";
    return;
  }
  for (const auto& [vcpus, digest] : std::get<std::map<unsigned, std::string>>(report.launch_digest)) {
    const std::string count = std::to_string(vcpus) + (vcpus == 1 ? " vCPU" : " vCPUs");
    console.out << "  " << count << std::string(12 - count.size(), ' ') << digest << "\n";
  }
}

}  // namespace

void print_lines(const std::vector<Assumption>& lines, Console& console) {
  std::size_t width = 0;
  for (const Assumption& line : lines) width = std::max(width, line.label.size());
  for (const Assumption& line : lines)
    console.out << "  " << line.label << std::string(width - line.label.size() + 2, ' ') << text_of(line) << "\n";
}

void print_text(const LaunchReport& report, Console& console) {
  console.out << coloured(console, "assumed", "1") << "\n";
  print_lines(report.assumed, console);
  console.out << coloured(console, "launch digest", "1") << "\n";
  print_digests(report, console);
  if (!report.also.empty()) console.out << coloured(console, "also", "1") << "\n";
  print_lines(report.also, console);
  for (const std::string& note : report.notes) console.out << coloured(console, "note: ", "33") << note << "\n";
  for (const std::string& warning : report.warnings)
    console.out << coloured(console, "warning: ", "31") << warning << "\n";
}

Json launch_report_json(const LaunchReport& report) {
  Json json{Json::Object{{"schema", "bulkhead.measurement/v1"}, {"tee", report.tee}, {"assumed", Json::Object{}}}};
  for (const Assumption& assumption : report.assumed) json["assumed"][assumption.key] = assumption.value;
  for (const Assumption& result : report.also) json[result.key] = result.value;
  json["notes"] = Json::Array{};
  for (const std::string& note : report.notes) json["notes"].push_back(note);
  json["warnings"] = Json::Array{};
  for (const std::string& warning : report.warnings) json["warnings"].push_back(warning);
  if (const auto* const one = std::get_if<std::string>(&report.launch_digest)) {
    json["launchDigest"] = *one;
    return json;
  }
  json["launchDigest"] = Json::Object{};
  for (const auto& [vcpus, digest] : std::get<std::map<unsigned, std::string>>(report.launch_digest))
    json["launchDigest"][std::to_string(vcpus)] = digest;
  return json;
}

measurement::ReferenceClaims claims_of(const LaunchReport& report) {
  static const std::map<std::string, measurement::Platform> platforms{{"snp", measurement::Platform::snp},
                                                                      {"sev-es", measurement::Platform::sev_es},
                                                                      {"sev", measurement::Platform::sev}};
  std::vector<base::Buffer> digests;
  if (const auto* const one = std::get_if<std::string>(&report.launch_digest))
    digests.push_back(base::from_hex(*one).value());
  else
    for (const auto& [vcpus, digest] : std::get<std::map<unsigned, std::string>>(report.launch_digest))
      digests.push_back(base::from_hex(digest).value());
  measurement::ReferenceClaims claims =
      measurement::claims_of(platforms.at(report.tee), "MEASUREMENT", {digests.begin(), digests.end()});
  claims.policy = report.policy;
  claims.svn = report.guest_svn;
  claims.minimum_tcb = report.minimum_tcb;
  return claims;
}

void write_report(const LaunchReport& report, const OutputOptions& options, Console& console) {
  write_output({[&](Console& to) { print_text(report, to); }, launch_report_json(report), claims_of(report),
                report.launch_security},
               options, console);
}

}  // namespace cli
