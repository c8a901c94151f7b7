#include "cli/attest.h"

#include <chrono>
#include <thread>

#include "base/error.h"

namespace cli {
namespace {

using provisioner::GuestStanding;

std::vector<GuestStanding> standings_now(LiveTenants& live, const std::vector<base::TenantId>& tenants) {
  std::vector<GuestStanding> all;
  for (const base::TenantId& tenant : tenants) {
    const std::vector<GuestStanding> guests = live.standings(tenant);
    if (guests.empty())
      throw base::Error(base::Kind::not_attested, "tenant '" + tenant.name + "' has no guest on this host");
    all.insert(all.end(), guests.begin(), guests.end());
  }
  return all;
}

}  // namespace

int attest(const AttestOptions& options, Console& console) {
  using clock = std::chrono::steady_clock;
  LiveTenants live(options.live);
  const std::vector<base::TenantId> tenants = live.tenants();
  if (tenants.empty()) throw base::Error(base::Kind::not_attested, "there is no tenant on this host");
  const clock::time_point end = clock::now() + std::chrono::seconds(options.timeout_seconds);
  std::vector<GuestStanding> guests = standings_now(live, tenants);
  while (!provisioner::settled(guests) && clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    guests = standings_now(live, tenants);
  }
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
