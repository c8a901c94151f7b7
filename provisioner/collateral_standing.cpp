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

/// "over since ..", "until .., 3 days left"
std::string when(const CollateralItem& item, std::int64_t now) {
  if (now > *item.until) return "over since " + base::utc_text(*item.until);
  return "until " + base::utc_text(*item.until) + ", " + days(days_left(item, now)) + " left";
}

}  // namespace

const char* name_of(Freshness freshness) noexcept {
  return freshness == Freshness::current ? "current" : freshness == Freshness::ending ? "ending" : "over";
}

Freshness freshness(const CollateralItem& item, std::int64_t now, std::int64_t warning) noexcept {
  if (!item.until) return Freshness::current;
  if (now > *item.until) return Freshness::over;
  return *item.until - now < warning * seconds_a_day ? Freshness::ending : Freshness::current;
}

std::string collateral_warnings(const base::TenantId& tenant, const std::vector<CollateralItem>& collateral,
                                std::int64_t now) {
  std::string lines;
  for (const CollateralItem& item : collateral) {
    if (freshness(item, now) == Freshness::current) continue;
    lines += tenant.name + ": " + what(item) + ": " + when(item, now) + "\n";
  }
  return lines;
}

CertificateWarnings certificate_warnings(const base::TenantId& tenant, const std::vector<CollateralItem>& certificates,
                                         std::int64_t now) {
  CertificateWarnings warnings;
  for (const CollateralItem& item : certificates) {
    const Freshness found = freshness(item, now, days_of_certificate_warning);
    if (found == Freshness::current) continue;
    (found == Freshness::over ? warnings.over : warnings.ending) +=
        tenant.name + ": " + item.subject + ": " + when(item, now) + "\n";
  }
  return warnings;
}

std::string collateral_line(const base::TenantId& tenant, const std::vector<CollateralItem>& collateral,
                            std::int64_t now) {
  const auto first = std::ranges::find_if(
      collateral, [&](const CollateralItem& item) { return freshness(item, now) == Freshness::current; });
  if (first == collateral.end()) return {};
  const std::string until = first->until ? when(*first, now) : "without end";
  return tenant.name + ": vendors' collateral: " + until + " (" + what(*first) + ")\n";
}

Json collateral_json(const std::vector<CollateralItem>& collateral, std::int64_t now, std::int64_t warning) {
  Json::Array list;
  for (const CollateralItem& item : collateral) {
    list.push_back(Json::Object{{"kind", item.kind},
                                {"subject", item.subject},
                                {"until", item.until ? Json(base::utc_text(*item.until)) : Json()},
                                {"daysLeft", item.until ? Json(days_left(item, now)) : Json()},
                                {"standing", name_of(freshness(item, now, warning))}});
  }
  return list;
}

}  // namespace provisioner
