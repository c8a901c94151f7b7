#pragma once
#include <set>
#include <string>

#include "base/units.h"

namespace provisioner {

/// The guests of a tenant that its router's fence cuts off now; none without a router.
std::set<std::string> fenced_guests(const base::TenantId& tenant);

/// Makes the router's fence hold exactly these guests, in one transaction; without any the table goes.
/// @throws Error{host} when a guest's address is not known or nft refuses; Error{failure} when a table of that name is
/// not ours
void set_fence(const base::TenantId& tenant, const std::set<std::string>& guests);

}  // namespace provisioner
