#include "attestation/audit_log.h"

#include "base/crypto.h"
#include "base/error.h"

namespace attestation {
namespace {

/// Takes the first line off `text`; the last one may lack its newline.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

bool continues(std::string_view line, const base::Sha256& previous) {
  try {
    const base::Json entry = base::Json::parse(line, "audit log");
    return entry.at("previous").text() == previous.hex();
  } catch (const base::Error&) {
    return false;
  }
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

std::optional<std::string> verify_audit_log(std::string_view text) {
  base::Sha256 previous;
  for (unsigned number = 1; !text.empty(); ++number) {
    const std::string_view line = next_line(text);
    if (!continues(line, previous)) {
      return "line " + std::to_string(number) + ": does not continue " +
             (number == 1 ? "an empty log" : "line " + std::to_string(number - 1));
    }
    previous = base::sha256(base::bytes_of(line));
  }
  return std::nullopt;
}

base::Sha256 last_link(std::string_view text) {
  base::Sha256 previous;
  while (!text.empty()) previous = base::sha256(base::bytes_of(next_line(text)));
  return previous;
}

}  // namespace attestation
