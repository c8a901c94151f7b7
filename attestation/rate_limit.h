#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace attestation {

/// A token bucket per source address: bursts of `burst` requests, `per_second` sustained. Bounded to 4096 sources: when
/// full, buckets that have refilled are dropped, and a new source is refused if none has.
class RateLimit {
 public:
  RateLimit(unsigned burst, unsigned per_second) : burst_(burst), per_second_(per_second) {}
  /// Whether `source` may make a request at `now_ms`; counts it.
  bool allows(const std::string& source, std::int64_t now_ms);

 private:
  struct Bucket {
    double tokens = 0;
    std::int64_t at_ms = 0;
  };
  [[nodiscard]] double tokens_at(const Bucket& bucket, std::int64_t now_ms) const;
  unsigned burst_;
  unsigned per_second_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace attestation
