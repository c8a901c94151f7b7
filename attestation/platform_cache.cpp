#include "attestation/platform_cache.h"

#include <algorithm>
#include <limits>

#include "attestation/checks.h"
#include "base/crypto.h"

namespace attestation {
namespace {

constexpr std::size_t most_platforms = 256;

/// The first moment from `time` on at which something begins or ends.
class NextChange {
 public:
  explicit NextChange(std::int64_t time) : time_(time) {}
  void look_at(std::int64_t begin, std::int64_t end) {
    for (const std::int64_t moment : {begin, end}) {
      if (moment >= time_) next_ = std::min(next_, moment);
    }
  }
  void look_at(const base::X509Objects& objects) {
    for (const base::X509Certificate& one : objects.certificates) look_at(one.not_before(), one.not_after());
    for (const base::X509RevocationList& one : objects.revocation_lists) {
      look_at(one.this_update(), one.next_update().value_or(one.this_update()));
    }
  }
  template <typename Document>
  void look_at(const std::vector<Signed<Document>>& documents) {
    for (const Signed<Document>& one : documents)
      look_at(one.document.edition.issued, one.document.edition.next_update);
  }
  [[nodiscard]] std::int64_t moment() const { return next_; }

 private:
  std::int64_t time_, next_ = std::numeric_limits<std::int64_t>::max();
};

std::int64_t next_change(const measurement::TdQuote& quote, const TdxCollateral& collateral,
                         const TdxRequest& request) {
  NextChange next(request.time);
  next.look_at({request.roots, {}});
  next.look_at(base::parse_x509(quote.certification_data, "the quote's certification data"));
  next.look_at(collateral.x509);
  next.look_at(collateral.tcb_infos);
  next.look_at(collateral.qe_identities);
  return next.moment();
}

}  // namespace

std::shared_ptr<const JudgedPlatform> PlatformCache::judged(const measurement::TdQuote& quote,
                                                            const TdxCollateral& collateral,
                                                            const TdxRequest& request) {
  // A PCK that the quote does not bring is found by what it signed.
  const bool brought = quote.certification_type == measurement::pck_chain_certification;
  const base::Sha256 name = base::sha256(quote.certification_data);
  if (const auto found = known_.find(name); brought && found != known_.end()) {
    if (found->second.from <= request.time && request.time < found->second.until) return found->second.platform;
  }
  auto platform = std::make_shared<const JudgedPlatform>(judge_platform(quote, collateral, request));
  if (!brought || !all_mandatory_ok(platform->pck_checks) || !all_mandatory_ok(platform->document_checks))
    return platform;
  if (known_.size() >= most_platforms) known_.clear();
  known_[name] = {platform, request.time, next_change(quote, collateral, request)};
  return platform;
}

}  // namespace attestation
