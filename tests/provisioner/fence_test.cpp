#include "provisioner/fence.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/posix_process.h"
#include "provisioner/port_ruleset.h"
#include "tenants/derived_names.h"
#include "tests/fakes/fake_host.h"

namespace {

using provisioner::fence_change;
using provisioner::GuestStanding;
using provisioner::Standing;
using provisioner::Waiting;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

const base::TenantId acme{"acme"};

GuestStanding guest(const char* name, Standing standing, const base::TenantId& tenant = acme) {
  GuestStanding guest;
  guest.tenant = tenant;
  guest.guest = name;
  guest.standing = standing;
  return guest;
}

TEST(Fence, CutsOffWhoeverHasNoCurrentVerdict) {
  const std::vector<GuestStanding> guests{
      guest("control/0", Standing::attested), guest("worker/0", Standing::refused),
      guest("worker/1", Standing::lapsed),    guest("worker/2", Standing::ended),
      guest("worker/3", Standing::off),       guest("worker/4", Standing::never_attested)};
  EXPECT_THAT(fence_change(acme, guests, Waiting::is_over),
              Optional(ElementsAre("worker/0", "worker/1", "worker/2", "worker/3", "worker/4")));
}

TEST(Fence, CutsNobodyOffFromAServiceThatIsBehindTheRouter) {
  std::vector<GuestStanding> guests{guest("worker/0", Standing::off), guest("worker/1", Standing::owners)};
  for (GuestStanding& one : guests) one.service = "https://192.0.2.7:8443";
  EXPECT_EQ(fence_change(acme, guests, Waiting::is_over), std::nullopt);
  guests[0].fenced = true;
  EXPECT_THAT(fence_change(acme, guests, Waiting::is_over), Optional(IsEmpty()));
}

TEST(Fence, GivesAGuestThatStillBootsTheTimeToAttest) {
  EXPECT_EQ(fence_change(acme, {guest("worker/0", Standing::never_attested)}, Waiting::goes_on), std::nullopt);
}

TEST(Fence, HoldsAGuestThatStartsAgainUntilItHasAttested) {
  std::vector<GuestStanding> guests{guest("worker/0", Standing::never_attested)};
  guests[0].fenced = true;
  EXPECT_EQ(fence_change(acme, guests, Waiting::goes_on), std::nullopt) << "stays cut off";
  guests[0].standing = Standing::attested;
  EXPECT_THAT(fence_change(acme, guests, Waiting::goes_on), Optional(IsEmpty()));
}

TEST(Fence, ChangesNothingThatIsAsItShouldBe) {
  std::vector<GuestStanding> guests{guest("worker/0", Standing::refused), guest("control/0", Standing::attested)};
  guests[0].fenced = true;
  EXPECT_EQ(fence_change(acme, guests, Waiting::is_over), std::nullopt);
}

TEST(Fence, LeavesOtherTenantsGuestsAndThoseThatOnlyThePlanHasAlone) {
  std::vector<GuestStanding> guests{guest("worker/0", Standing::refused, {"globex"}), guest("worker/1", Standing::off)};
  guests[1].defined = false;
  EXPECT_EQ(fence_change(acme, guests, Waiting::is_over), std::nullopt);
}

attestation::ServiceState state_with(bool attested, const char* lease, std::int64_t time_ms) {
  attestation::Verdict verdict;
  verdict.time_ms = time_ms;
  verdict.attested = attested;
  attestation::ServiceState state;
  state.guests = {{"worker/0", std::nullopt, verdict, attestation::LeaseState{1, 1, 1, 900, lease, ""}}};
  return state;
}

/// What a run of `attest --fence` does with the fake host, once the waiting is over.
void keep_fence(fakes::FakeHost& host, const std::optional<attestation::ServiceState>& state) {
  auto guests = provisioner::standings(acme, host.guests(acme), state, nullptr);
  for (GuestStanding& one : guests) one.fenced = host.fenced(acme).contains(one.guest);
  if (const auto change = fence_change(acme, guests, Waiting::is_over)) host.fence(acme, *change);
}

TEST(Fence, FollowsTheVerdictsOfAGuestsLife) {
  fakes::FakeHost host;
  host.running = {{"worker/0", "bh-acme-worker-0", true, 1000, ""}};
  keep_fence(host, state_with(true, "current", 2000));
  EXPECT_THAT(host.fences[acme], IsEmpty());
  keep_fence(host, state_with(true, "lapsed", 2000));
  EXPECT_THAT(host.fences[acme], ElementsAre("worker/0"));
  keep_fence(host, state_with(true, "current", 3000));
  EXPECT_THAT(host.fences[acme], IsEmpty()) << "attested again";
  keep_fence(host, state_with(false, "ended", 4000));
  EXPECT_THAT(host.fences[acme], ElementsAre("worker/0")) << "revoked";
  host.running[0].started_ms = 5000;
  keep_fence(host, state_with(true, "current", 4500));
  EXPECT_THAT(host.fences[acme], ElementsAre("worker/0")) << "the verdict is of an earlier boot";
  keep_fence(host, state_with(true, "current", 6000));
  EXPECT_THAT(host.fences[acme], IsEmpty());
  keep_fence(host, std::nullopt);
  EXPECT_THAT(host.fences[acme], ElementsAre("worker/0")) << "nobody vouches for it";
}

TEST(FenceRuleset, DropsWhatTheRouterWouldForwardAndNothingElse) {
  EXPECT_EQ(provisioner::fence_ruleset({{"control/0", "10.20.0.10"}, {"worker/1", "10.20.1.11"}}),
            R"(table inet bulkhead_fence {
	chain forward {
		type filter hook forward priority -10; policy accept;
		ip saddr 10.20.0.10 drop comment "control/0"
		ip daddr 10.20.0.10 drop comment "control/0"
		ip saddr 10.20.1.11 drop comment "worker/1"
		ip daddr 10.20.1.11 drop comment "worker/1"
	}
}
)");
}

/// What nft lists after it has loaded a ruleset; nullopt where that is not possible.
std::optional<std::string> listed_by_nft(const std::string& ruleset) {
  base::ProcessOptions options;
  options.input = ruleset;
  try {
    const auto result = base::run({"unshare", "-rn", "sh", "-c", "nft -f - && nft -s list ruleset"}, options);
    return result.exit_code == 0 ? std::optional(result.output) : std::nullopt;
  } catch (const base::Error&) {
    return std::nullopt;
  }
}

TEST(FenceRuleset, IsReadBackFromNftsListing) {
  const auto listing =
      listed_by_nft(provisioner::fence_ruleset({{"control/0", "10.20.0.10"}, {"worker/12", "10.20.1.22"}}));
  if (!listing) GTEST_SKIP() << "no nft, or no user namespaces here";
  EXPECT_THAT(provisioner::guests_in_fence(*listing), ElementsAre("control/0", "worker/12"));
  EXPECT_THAT(provisioner::guests_in_fence("table inet bulkhead_fence {\n}\n"), IsEmpty());
}

std::string port_filter() {
  return provisioner::port_ruleset(
      "bh_acme", {{tenants::port_name({acme, base::Pool::control, 0}), "52:54:00:00:00:01", "10.20.0.10"},
                  {tenants::port_name({acme, base::Pool::worker, 1}), "52:54:00:00:00:02", "10.20.1.11"}});
}

TEST(FenceRuleset, IsAboutTheAddressThatThePortFilterHoldsTheGuestTo) {
  const std::string listing = listed_by_nft(port_filter()).value_or(port_filter());
  EXPECT_EQ(provisioner::address_of(acme, "control/0", listing), "10.20.0.10");
  EXPECT_EQ(provisioner::address_of(acme, "worker/1", listing), "10.20.1.11");
}

TEST(FenceRuleset, CannotBeMadeForAGuestThatThePortFilterDoesNotHave) {
  EXPECT_THAT([] { provisioner::address_of(acme, "worker/7", port_filter()); },
              testing::ThrowsMessage<base::Error>(HasSubstr("port filter does not have worker/7")));
}

}  // namespace
