#include "attestation/metrics.h"

namespace attestation {
namespace {

std::string head(const std::string& name, const char* type, const char* help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

std::string gauge(const std::string& name, const char* help, std::int64_t value) {
  return head(name, "gauge", help) + name + " " + std::to_string(value) + "\n";
}

}  // namespace

std::string Metrics::text(const Gauges& gauges) const {
  std::string out = head("bulkhead_attestd_answers_total", "counter", "Answers to guests by HTTP status.");
  for (const auto& [status, count] : answers_) {
    out += "bulkhead_attestd_answers_total{status=\"" + std::to_string(status) + "\"} " + std::to_string(count) + "\n";
  }
  out += head("bulkhead_attestd_events_total", "counter", "Entries of the audit log by event, since the start.");
  for (const auto& [event, count] : events_) {
    out += "bulkhead_attestd_events_total{event=\"" + event + "\"} " + std::to_string(count) + "\n";
  }
  out += gauge("bulkhead_attestd_sessions", "Sessions that have not expired.", gauges.sessions);
  out += gauge("bulkhead_attestd_leases", "Guests whose lease holds.", gauges.leases);
  out += gauge("bulkhead_attestd_revocations", "Revocations in force.", gauges.revocations);
  out += gauge("bulkhead_attestd_approval_expires_seconds", "When the approval expires, seconds since the epoch.",
               gauges.approval_expires);
  out += gauge("bulkhead_attestd_collateral_expires_seconds",
               "When the first of the vendors' lists and documents expires, seconds since the epoch.",
               gauges.collateral_expires);
  return out;
}

}  // namespace attestation
