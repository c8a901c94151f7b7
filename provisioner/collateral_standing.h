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

/// @param now seconds since the epoch
Freshness freshness(const attestation::CollateralItem& item, std::int64_t now) noexcept;

/// What ends within a week or is over, a line each. @param collateral what ends first coming first
std::string collateral_warnings(const base::TenantId& tenant,
                                const std::vector<attestation::CollateralItem>& collateral, std::int64_t now);
/// One line about what ends first of what is current; empty without any.
std::string collateral_line(const base::TenantId& tenant, const std::vector<attestation::CollateralItem>& collateral,
                            std::int64_t now);
base::Json collateral_json(const std::vector<attestation::CollateralItem>& collateral, std::int64_t now);

}  // namespace provisioner
