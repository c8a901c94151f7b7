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
  [[nodiscard]] const base::Sha256& head() const { return previous_; }
  /// Writes {"previous", "time", "event", ...facts}. @param time_ms milliseconds since the epoch
  void record(std::int64_t time_ms, std::string_view event, base::Json::Object facts);

 private:
  base::Sha256 previous_;
  Sink sink_;
};

/// What a check of a whole log finds.
struct AuditLogCheck {
  std::size_t lines = 0;        ///< whole lines that continue the one before them
  base::Sha256 head;            ///< SHA-256 of the last of them, zeros without any: a new AuditLog continues here
  std::size_t whole_bytes = 0;  ///< up to the end of that line
  bool cut_off = false;         ///< a last line without its end follows: its writer was killed, nothing was decided
  std::optional<std::string> problem;  ///< the first line that is not right: "line 3: does not continue line 2"
};
AuditLogCheck check_audit_log(std::string_view text);
/// As above, for a log that must be whole. @return what is wrong with it, also a cut-off last line
std::optional<std::string> verify_audit_log(std::string_view text);
/// Whether the chain, which must be whole, has a line with this SHA-256: a head that somebody noted earlier.
bool has_link(std::string_view text, const base::Sha256& head);

}  // namespace attestation
