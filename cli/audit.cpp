#include "cli/audit.h"

#include <sstream>

#include "attestation/audit_log.h"
#include "base/error.h"
#include "base/json.h"
#include "base/posix_files.h"
#include "base/utc_time.h"

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

/// A fact of an entry on one line: text without quotes, everything else as JSON.
std::string fact_text(const base::Json& fact) {
  return fact.is_string() ? fact.text() : fact.compact();
}

void print_entry(const base::Json& entry, Console& console) {
  console.out << base::utc_text(entry.at("time").integer() / 1000) << " " << entry.at("event").text();
  for (const auto& [name, fact] : entry.object()) {
    const bool shown = name != "time" && name != "event" && name != "previous" && name != "reasons";
    if (shown && fact_text(fact) != "") console.out << " " << name << "=" << fact_text(fact);
  }
  console.out << "\n";
  if (const base::Json* const reasons = entry.find("reasons")) {
    for (const base::Json& reason : reasons->array()) console.out << "  " << reason.text() << "\n";
  }
}

bool is_entry(const base::Json& line, const std::string& wanted) {
  const base::Json* const entry = line.find("entry");
  return entry != nullptr && entry->text() == wanted;
}

}  // namespace

int show_audit(const ShowAuditOptions& options, Console& console) {
  std::istringstream lines(base::read_file(options.log));
  bool found = options.entry.empty();
  for (std::string text; std::getline(lines, text);) {
    if (lines.eof()) break;  // a line without its end decided nothing
    const base::Json line = base::Json::parse(text, options.log);
    if (!options.entry.empty() && !is_entry(line, options.entry)) continue;
    print_entry(line, console);
    found = true;
  }
  if (!found) throw base::Error(base::Kind::failure, options.log + ": has no entry '" + options.entry + "'");
  return 0;
}

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
