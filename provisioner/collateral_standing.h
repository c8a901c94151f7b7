#pragma once
#include <string>
#include <vector>

#include "attestation/service_state.h"
#include "base/units.h"

/// How fresh what a tenant's service verifies hardware evidence with is, as `status` shows it.
namespace provisioner {

/// Whoever has to fetch something anew wants to know a week before.
inline constexpr std::int64_t days_of_warning = 7;

enum class Freshness { current, ending, over };
const char* name_of(Freshness freshness) noexcept;

/// Certificates of a service's own are made by its owner, who then has to hand them over: a month before.
inline constexpr std::int64_t days_of_certificate_warning = 30;

/// @param now seconds since the epoch @param warning days before its end at which it is `ending`
Freshness freshness(const attestation::CollateralItem& item, std::int64_t now,
                    std::int64_t warning = days_of_warning) noexcept;

/// What ends within a week or is over, a line each. @param collateral what ends first coming first
std::string collateral_warnings(const base::TenantId& tenant,
                                const std::vector<attestation::CollateralItem>& collateral, std::int64_t now);
/// One line about what ends first of what is current; empty without any.
std::string collateral_line(const base::TenantId& tenant, const std::vector<attestation::CollateralItem>& collateral,
                            std::int64_t now);
base::Json collateral_json(const std::vector<attestation::CollateralItem>& collateral, std::int64_t now,
                           std::int64_t warning = days_of_warning);

/// The certificates of a service's own that end within a month, and those that have ended; a line each.
struct CertificateWarnings {
  std::string ending, over;
};
CertificateWarnings certificate_warnings(const base::TenantId& tenant,
                                         const std::vector<attestation::CollateralItem>& certificates,
                                         std::int64_t now);

}  // namespace provisioner
