#include "cli/attest.h"

#include <chrono>
#include <set>
#include <thread>

#include "base/error.h"
#include "base/posix_file_lock.h"
#include "cli/host_lock.h"
#include "provisioner/fence.h"

namespace cli {
namespace {

using provisioner::GuestStanding;
using provisioner::Waiting;

/// @param empty_too whether a tenant without guests is no error
std::vector<GuestStanding> standings_now(LiveTenants& live, const std::vector<base::TenantId>& tenants,
                                         bool empty_too) {
  std::vector<GuestStanding> all;
  for (const base::TenantId& tenant : tenants) {
    const std::vector<GuestStanding> guests = live.standings(tenant);
    if (guests.empty() && !empty_too)
      throw base::Error(base::Kind::not_attested, "tenant '" + tenant.name + "' has no guest on this host");
    all.insert(all.end(), guests.begin(), guests.end());
  }
  return all;
}

void set_fence(LiveTenants& live, const base::TenantId& tenant, const std::set<std::string>& cut_off,
               std::vector<GuestStanding>& guests) {
  live.host().fence(tenant, cut_off);
  for (GuestStanding& guest : guests) {
    if (guest.tenant == tenant) guest.fenced = cut_off.contains(guest.guest);
  }
}

void set_fences(Fences fences, LiveTenants& live, const std::vector<base::TenantId>& tenants, Waiting waiting,
                std::vector<GuestStanding>& guests) {
  for (const base::TenantId& tenant : tenants) {
    if (fences == Fences::fall) set_fence(live, tenant, {}, guests);
    if (fences != Fences::follow_the_verdicts) continue;
    if (const auto cut_off = provisioner::fence_change(tenant, guests, waiting))
      set_fence(live, tenant, *cut_off, guests);
  }
}

/// A tenant whose verdicts this host cannot see.
void tell_unfenced(const std::vector<GuestStanding>& guests, Console& console) {
  std::set<std::string> told;
  for (const GuestStanding& guest : guests) {
    if (guest.service.empty() || !told.insert(guest.tenant.name).second) continue;
    console.err << guest.tenant.name
                << ": no fence: the verdicts are its owner's, who revokes what shall get nothing (bulkhead revoke)\n";
  }
}

}  // namespace

int attest(const AttestOptions& options, Console& console) {
  using clock = std::chrono::steady_clock;
  LiveTenants live(options.live);
  const std::vector<base::TenantId> tenants = live.tenants();
  if (tenants.empty()) throw base::Error(base::Kind::not_attested, "there is no tenant on this host");
  std::optional<base::FileLock> lock;
  if (options.fences != Fences::stay) lock.emplace(fence_lock(options.live.run), "another attest --fence on this host");
  const bool empty_too = lock && options.live.tenants.empty();
  const clock::time_point end = clock::now() + std::chrono::seconds(options.timeout_seconds);
  std::vector<GuestStanding> guests = standings_now(live, tenants, empty_too);
  if (options.fences == Fences::follow_the_verdicts) tell_unfenced(guests, console);
  while (!provisioner::settled(guests) && clock::now() < end) {
    set_fences(options.fences, live, tenants, Waiting::goes_on, guests);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    guests = standings_now(live, tenants, empty_too);
  }
  set_fences(options.fences, live, tenants, Waiting::is_over, guests);
  if (options.json) {
    console.out << base::Json(base::Json::Object{{"schema", "bulkhead.attest/v1"},
                                                 {"guests", provisioner::standings_json(guests)}})
                       .pretty();
  } else {
    console.out << provisioner::standings_table(guests);
    if (options.claims) console.out << provisioner::claims_text(guests);
  }
  return provisioner::all_attested(guests) ? 0 : base::exit_code(base::Kind::not_attested);
}

}  // namespace cli
