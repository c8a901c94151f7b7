#include "provisioner/collateral_standing.h"

#include <algorithm>

#include "base/utc_time.h"

namespace provisioner {
namespace {

using attestation::CollateralItem;
using base::Json;

constexpr std::int64_t seconds_a_day = 86400;

/// Whole days; of what is over, since when.
std::int64_t days_left(const CollateralItem& item, std::int64_t now) {
  return (*item.until - now) / seconds_a_day;
}

std::string days(std::int64_t count) {
  return std::to_string(count) + (count == 1 ? " day" : " days");
}

std::string what(const CollateralItem& item) {
  return item.kind + " " + item.subject;
}

}  // namespace

const char* name_of(Freshness freshness) noexcept {
  return freshness == Freshness::current ? "current" : freshness == Freshness::ending ? "ending" : "over";
}

Freshness freshness(const CollateralItem& item, std::int64_t now) noexcept {
  if (!item.until) return Freshness::current;
  if (now > *item.until) return Freshness::over;
  return *item.until - now < days_of_warning * seconds_a_day ? Freshness::ending : Freshness::current;
}

std::string collateral_warnings(const base::TenantId& tenant, const std::vector<CollateralItem>& collateral,
                                std::int64_t now) {
  std::string lines;
  for (const CollateralItem& item : collateral) {
    const Freshness found = freshness(item, now);
    if (found == Freshness::current) continue;
    lines += tenant.name + ": " + what(item) + ": " +
             (found == Freshness::over
                  ? "over since " + base::utc_text(*item.until)
                  : "until " + base::utc_text(*item.until) + ", " + days(days_left(item, now)) + " left") +
             "\n";
  }
  return lines;
}

std::string collateral_line(const base::TenantId& tenant, const std::vector<CollateralItem>& collateral,
                            std::int64_t now) {
  const auto first = std::ranges::find_if(
      collateral, [&](const CollateralItem& item) { return freshness(item, now) == Freshness::current; });
  if (first == collateral.end()) return {};
  const std::string until =
      first->until ? "until " + base::utc_text(*first->until) + ", " + days(days_left(*first, now)) + " left"
                   : "without end";
  return tenant.name + ": vendors' collateral: " + until + " (" + what(*first) + ")\n";
}

Json collateral_json(const std::vector<CollateralItem>& collateral, std::int64_t now) {
  Json::Array list;
  for (const CollateralItem& item : collateral) {
    list.push_back(Json::Object{{"kind", item.kind},
                                {"subject", item.subject},
                                {"until", item.until ? Json(base::utc_text(*item.until)) : Json()},
                                {"daysLeft", item.until ? Json(days_left(item, now)) : Json()},
                                {"standing", name_of(freshness(item, now))}});
  }
  return list;
}

}  // namespace provisioner
