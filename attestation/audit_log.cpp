#include "attestation/audit_log.h"

#include "base/crypto.h"
#include "base/error.h"

namespace attestation {
namespace {

bool continues(std::string_view line, const base::Sha256& previous) {
  try {
    const base::Json entry = base::Json::parse(line, "audit log");
    return entry.at("previous").text() == previous.hex();
  } catch (const base::Error&) {
    return false;
  }
}

std::string not_continued(std::size_t number) {
  return "line " + std::to_string(number) + ": does not continue " +
         (number == 1 ? "an empty log" : "line " + std::to_string(number - 1));
}

/// Walks the chain; `seen` is told the SHA-256 of every line that continues it.
template <typename Seen>
AuditLogCheck walked(std::string_view text, Seen seen) {
  AuditLogCheck check;
  while (check.whole_bytes < text.size()) {
    const std::size_t end = text.find('\n', check.whole_bytes);
    if (end == std::string_view::npos) {
      check.cut_off = true;
      return check;
    }
    const std::string_view line = text.substr(check.whole_bytes, end - check.whole_bytes);
    if (!continues(line, check.head)) {
      check.problem = not_continued(check.lines + 1);
      return check;
    }
    check.head = base::sha256(base::bytes_of(line));
    check.whole_bytes = end + 1;
    ++check.lines;
    seen(check.head);
  }
  return check;
}

}  // namespace

void AuditLog::record(std::int64_t time_ms, std::string_view event, base::Json::Object facts) {
  facts["previous"] = previous_.hex();
  facts["time"] = time_ms;
  facts["event"] = event;
  const std::string line = base::Json(std::move(facts)).compact();
  sink_(line);
  previous_ = base::sha256(base::bytes_of(line));
}

AuditLogCheck check_audit_log(std::string_view text) {
  return walked(text, [](const base::Sha256&) {});
}

std::optional<std::string> verify_audit_log(std::string_view text) {
  const AuditLogCheck check = check_audit_log(text);
  if (check.cut_off) return "line " + std::to_string(check.lines + 1) + ": is cut off";
  return check.problem;
}

bool has_link(std::string_view text, const base::Sha256& head) {
  bool found = head == base::Sha256{};
  const AuditLogCheck check = walked(text, [&](const base::Sha256& link) { found = found || link == head; });
  return found && !check.problem;
}

}  // namespace attestation
