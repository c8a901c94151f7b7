#pragma once
#include <map>
#include <memory>

#include "attestation/verify_tdx.h"

/// TDX platforms that a service has judged, so that a further quote of one costs the quote's own two signatures.
namespace attestation {

/// Of one collateral and of requests that differ in their time only.
class PlatformCache {
 public:
  /// As judge_platform(). What was judged before is the answer again as long as nothing that was looked at
  /// (certificates, revocation lists, documents) begins or ends between the two times; only platforms without any fault
  /// are kept.
  std::shared_ptr<const JudgedPlatform> judged(const measurement::TdQuote& quote, const TdxCollateral& collateral,
                                               const TdxRequest& request);
  void forget() { known_.clear(); }  ///< for other collateral
  [[nodiscard]] std::size_t size() const { return known_.size(); }

 private:
  struct Known {
    std::shared_ptr<const JudgedPlatform> platform;
    std::int64_t from = 0, until = 0;  ///< seconds since the epoch, `until` no more
  };
  std::map<base::Sha256, Known> known_;  ///< by certification data
};

}  // namespace attestation
