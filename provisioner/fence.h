#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "provisioner/guest_standing.h"

/// The operator's side of a lease: a guest without a current verdict of its tenant's service is cut off at the tenant's
/// router, until it has one again. It can reach that service all the time, or it could never attest.
/// docs/decisions/0011-the-operator-fences.md has the reasons.
namespace provisioner {

/// The table `inet bulkhead_fence` in a tenant's router.
inline constexpr const char* fence_table = "bulkhead_fence";

/// Whether a guest that has no verdict yet may still be given one by waiting.
enum class Waiting { goes_on, is_over };

/// The guests of one tenant that are to be cut off: at once who was refused, lost its lease or is off; who never
/// attested once the waiting is over, and meanwhile stays as it is; nobody whose service is its owner's. nullopt when
/// exactly these are cut off already.
/// @param guests of any tenants
std::optional<std::set<std::string>> fence_change(const base::TenantId& tenant,
                                                  const std::vector<GuestStanding>& guests, Waiting waiting);

/// The table, as nft reads it, without the owner's mark. @param guests name and address: {"worker/0", "10.20.1.10"}
std::string fence_ruleset(const std::map<std::string, std::string>& guests);
/// The guests that a listing of the table names.
std::set<std::string> guests_in_fence(const std::string& listing);

/// The only address a guest may speak as, from a listing of the tenant's port filter. @param guest "worker/0"
/// @throws Error{host} when the filter does not have the guest
std::string address_of(const base::TenantId& tenant, const std::string& guest, const std::string& port_filter_listing);

}  // namespace provisioner
