#include "attestation/rate_limit.h"

#include <algorithm>

namespace attestation {

constexpr std::size_t most_sources = 4096;

double RateLimit::tokens_at(const Bucket& bucket, std::int64_t now_ms) const {
  const double refill = static_cast<double>(std::max<std::int64_t>(0, now_ms - bucket.at_ms)) * per_second_ / 1000.0;
  return std::min<double>(burst_, bucket.tokens + refill);
}

bool RateLimit::allows(const std::string& source, std::int64_t now_ms) {
  if (buckets_.size() >= most_sources && buckets_.find(source) == buckets_.end()) {
    std::erase_if(buckets_, [&](const auto& entry) { return tokens_at(entry.second, now_ms) >= burst_; });
    if (buckets_.size() >= most_sources) return false;
  }
  Bucket& bucket = buckets_.try_emplace(source, Bucket{static_cast<double>(burst_), now_ms}).first->second;
  bucket.tokens = tokens_at(bucket, now_ms);
  bucket.at_ms = now_ms;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

}  // namespace attestation
