#include "cli/audit.h"

#include "attestation/audit_log.h"
#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"

namespace cli {
namespace {

std::optional<base::Sha256> noted_head(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::optional<base::Sha256> head = base::Sha256::parse(text);
  if (!head) throw base::Error(base::Kind::usage, "--head: wanted 64 hexadecimal digits, got '" + text + "'");
  return head;
}

base::Json report(const attestation::AuditLogCheck& check, const std::optional<std::string>& problem) {
  return base::Json::Object{{"schema", "bulkhead.audit/v1"},
                            {"lines", static_cast<std::int64_t>(check.lines)},
                            {"head", check.head.hex()},
                            {"cutOff", check.cut_off},
                            {"problem", problem ? base::Json(*problem) : base::Json()}};
}

}  // namespace

int verify_audit(const AuditOptions& options, Console& console) {
  const std::optional<base::Sha256> head = noted_head(options.head);
  const std::string text = base::read_file(options.log);
  const attestation::AuditLogCheck check = attestation::check_audit_log(text);
  std::optional<std::string> problem = check.problem;
  if (!problem && head && !attestation::has_link(text, *head)) {
    problem = "no line has SHA-256 " + head->hex() + ": lines were cut from its end, or it is another log";
  }
  if (options.json) {
    console.out << report(check, problem).pretty();
  } else {
    console.out << options.log << ": " << check.lines << " lines in an unbroken chain, head " << check.head.hex()
                << "\n";
    if (check.cut_off) console.out << "then a line without its end: its writer was killed; the next start removes it\n";
    if (problem) console.out << coloured(console, "broken: ", "31") << *problem << "\n";
  }
  return problem ? base::exit_code(base::Kind::failure) : 0;
}

}  // namespace cli
