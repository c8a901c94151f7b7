#include "cli/kms_check.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "kms/kms_module.h"

namespace cli {
namespace {

base::Json json_of(const kms::CheckReport& report, const base::TenantId& tenant, bool passed) {
  base::Json::Array findings, keys;
  for (const kms::CheckFinding& finding : report.findings)
    findings.push_back(base::Json::Object{{"check", finding.check}, {"passed", finding.passed}, {"got", finding.got}});
  for (const kms::CheckedKey& key : report.keys)
    keys.push_back(base::Json::Object{{"name", key.name.text()},
                                      {"state", kms::name_of(key.status.state)},
                                      {"version", static_cast<std::int64_t>(key.status.current)},
                                      {"unerased", static_cast<std::int64_t>(key.status.unerased)},
                                      {"policy", kms::to_json(key.status.policy)}});
  return base::Json::Object{{"schema", "bulkhead.kms-check/v1"}, {"tenant", tenant.name},
                            {"provider", report.provider},       {"passed", passed},
                            {"findings", std::move(findings)},   {"keys", std::move(keys)}};
}

void print(const kms::CheckReport& report, Console& console) {
  for (const kms::CheckFinding& finding : report.findings)
    console.out << (finding.passed ? coloured(console, "ok    ", "32") : coloured(console, "FAILED", "31")) << " "
                << finding.check << ": " << finding.got << "\n";
  for (const kms::CheckedKey& key : report.keys)
    console.out << "key " << key.name.text() << ": " << kms::name_of(key.status.state) << ", version "
                << key.status.current << "\n";
}

}  // namespace

int check_kms(const KmsCheckOptions& options, Console& console) {
  const kms::Connection connection =
      kms::parse_connection(base::read_file(options.connection), "connection " + options.connection);
  const std::string folder = std::filesystem::path(options.connection).parent_path().string();
  const kms::CheckReport report = kms::load_kms_module()->check(connection, {options.foreign, options.try_key, folder});
  const bool passed = std::all_of(report.findings.begin(), report.findings.end(),
                                  [](const kms::CheckFinding& finding) { return finding.passed; });
  if (options.json) {
    console.out << json_of(report, connection.tenant, passed).pretty();
  } else {
    print(report, console);
  }
  return passed ? 0 : base::exit_code(base::Kind::failure);
}

}  // namespace cli
