#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace attestation {

/// What a service counts, as Prometheus reads it. No label holds anything a client chose.
/// Source: Prometheus text exposition format 0.0.4.
class Metrics {
 public:
  void answered(unsigned status) { ++answers_[status]; }
  void count(const std::string& event) { ++events_[event]; }  ///< an event of the audit log: "attested", "refused", ..

  /// Values of the moment.
  struct Gauges {
    std::int64_t sessions = 0;
    std::int64_t leases = 0;  ///< that hold
    std::int64_t revocations = 0;
    std::int64_t approval_expires = 0;    ///< seconds since the epoch; 0 without an approval or a limit
    std::int64_t collateral_expires = 0;  ///< the first thing of it; 0 without any
  };
  [[nodiscard]] std::string text(const Gauges& gauges) const;

 private:
  std::map<unsigned, std::uint64_t> answers_;
  std::map<std::string, std::uint64_t> events_;
};

}  // namespace attestation
