#pragma once
#include <functional>
#include <optional>
#include <string>

#include "base/digest.h"
#include "base/json.h"

/// A tamper-evident record of what the service decided: JSON lines, each holding the SHA-256 of the line before it.
namespace attestation {

class AuditLog {
 public:
  /// Where a finished line (without its newline) goes; must have stored it when it returns.
  using Sink = std::function<void(const std::string& line)>;

  /// @param previous SHA-256 of the last line already stored, or all zeros for a new log
  AuditLog(base::Sha256 previous, Sink sink) : previous_(previous), sink_(std::move(sink)) {}
  /// Writes {"previous", "time", "event", ...facts}. @param time_ms milliseconds since the epoch
  void record(std::int64_t time_ms, std::string_view event, base::Json::Object facts);

 private:
  base::Sha256 previous_;
  Sink sink_;
};

/// Checks a whole log. @return nullopt when every line continues the one before it, else the first line that does not:
/// "line 3: does not continue line 2"
std::optional<std::string> verify_audit_log(std::string_view text);
/// SHA-256 of the last line of a log, all zeros when it is empty: what a new AuditLog continues from.
base::Sha256 last_link(std::string_view text);

}  // namespace attestation
