#include "provisioner/guest_standing.h"

#include <gmock/gmock.h>

#include "tests/provisioner/sample_plan.h"

namespace {

using base::Json;
using provisioner::GuestRuntime;
using provisioner::GuestStanding;
using provisioner::Standing;
using testing::HasSubstr;

const base::TenantId acme{"acme"};
const Json predicted = Json::Object{{"sha256", Json::Object{{"4", "aa"}, {"9", "bb"}}}};

provisioner::Plan measured_plan() {
  provisioner::Plan plan = sample::plan();
  for (auto& guest : plan.intent.guests) {
    guest.reference_values = Json::Object{{"tpm", Json::Object{{"pcrs", predicted}}}};
  }
  return plan;
}

attestation::ServiceState state(std::int64_t time_ms, bool attested, Json pcrs = predicted) {
  attestation::Verdict verdict;
  verdict.time_ms = time_ms;
  verdict.attested = attested;
  if (!attested) verdict.reasons = {"attestation key not enrolled"};
  verdict.pcrs = std::move(pcrs);
  attestation::ServiceState state;
  state.tenant = "acme";
  state.guests = {{"worker/0", std::nullopt, verdict,
                   attestation::LeaseState{1, time_ms, time_ms, time_ms + 900000, "current", ""}}};
  return state;
}

const std::vector<GuestRuntime> booted_at_1000 = {
    {"worker/0", "bh-acme-worker-0", true, 1000, "/store/console/worker-0.log"}};

GuestStanding standing(const std::optional<attestation::ServiceState>& of, const provisioner::Plan* plan = nullptr) {
  return provisioner::standings(acme, booted_at_1000, of, plan).front();
}

TEST(GuestStanding, CountsAVerdictOnlyWhenItIsNewerThanTheBoot) {
  EXPECT_EQ(standing(state(1001, true)).standing, Standing::attested);
  EXPECT_EQ(standing(state(1000, true)).standing, Standing::never_attested);
}

TEST(GuestStanding, IsNeverAttestedWhenTheServiceDoesNotAnswer) {
  EXPECT_EQ(standing(std::nullopt).standing, Standing::never_attested);
}

TEST(GuestStanding, IsItsOwnersToAskForWhereTheServiceIs) {
  std::vector<GuestRuntime> guests = booted_at_1000;
  guests[0].service = "https://192.0.2.7:8443";
  const auto all = provisioner::standings(acme, guests, state(1001, true), nullptr);
  EXPECT_EQ(all[0].standing, Standing::owners) << "whatever answers here is not its service";
  EXPECT_TRUE(provisioner::settled(all));
  EXPECT_FALSE(provisioner::all_attested(all));
  EXPECT_THAT(
      provisioner::standings_table(all),
      HasSubstr("acme: its guests report to its owner's service, https://192.0.2.7:8443; their verdicts are the "
                "owner's to ask for: bulkhead service show acme --url https://192.0.2.7:8443\n"));
  EXPECT_EQ(provisioner::standings_json(all).array()[0].at("service").text(), "https://192.0.2.7:8443");
  guests[0].running = false;
  EXPECT_EQ(provisioner::standings(acme, guests, std::nullopt, nullptr)[0].standing, Standing::off);
}

TEST(GuestStanding, SaysWhyAGuestWasRefused) {
  const GuestStanding refused = standing(state(1001, false));
  EXPECT_EQ(refused.standing, Standing::refused);
  EXPECT_THAT(provisioner::standings_table({refused}), HasSubstr("acme worker/0: attestation key not enrolled"));
}

TEST(GuestStanding, ComparesEveryPredictedRegisterWithTheReportedOne) {
  const provisioner::Plan plan = measured_plan();
  EXPECT_EQ(standing(state(1001, true), &plan).as_predicted, true);
  Json other = predicted;
  other["sha256"]["9"] = "cc";
  EXPECT_EQ(standing(state(1001, true, other), &plan).as_predicted, false);
  EXPECT_EQ(standing(state(1001, true, Json::Object{}), &plan).as_predicted, false);
  EXPECT_EQ(standing(state(1001, true)).as_predicted, std::nullopt);
}

TEST(GuestStanding, ShowsTheRegistersQuotedForTheVerdictAndNoneWithoutOne) {
  EXPECT_EQ(provisioner::standings_json({standing(state(1001, true))}).array().at(0).at("pcrs"), predicted);
  EXPECT_TRUE(provisioner::standings_json({standing(state(1000, true))}).array().at(0).at("pcrs").is_null());
}

TEST(GuestStanding, ShowsWhatTheTokenOfAnAttestedGuestStatesAndOfNoOther) {
  attestation::ServiceState of = state(1001, true);
  of.guests[0].verdict->claims = Json::Object{{"aud", "bulkhead/acme"}, {"cvm.boot", 3}};
  EXPECT_EQ(provisioner::claims_text({standing(of)}),
            "\ntoken of acme worker/0\n  aud                   \"bulkhead/acme\"\n  cvm.boot              3\n");
  of.guests[0].verdict->attested = false;
  EXPECT_EQ(provisioner::claims_text({standing(of)}), "");
}

TEST(GuestStanding, SaysWhichBootHoldsTheLeaseAndWhetherItStillDoes) {
  attestation::ServiceState of = state(1001, true);
  of.guests[0].lease.reset();
  EXPECT_TRUE(provisioner::standings_json({standing(of)}).array().at(0).at("lease").is_null());
  of.guests[0].lease = attestation::LeaseState{3, 1001, 1001, 901001, "current", ""};
  EXPECT_THAT(provisioner::standings_table({standing(of)}), HasSubstr(" boot 3  "));
  of.guests[0].lease->standing = "lapsed";
  EXPECT_THAT(provisioner::standings_table({standing(of)}), HasSubstr(" boot 3, lapsed "));
  EXPECT_EQ(provisioner::standings_json({standing(of)}).array().at(0).at("lease").at("boot").integer(), 3);
}

TEST(GuestStanding, IsNotAttestedAnyMoreWithoutItsLease) {
  attestation::ServiceState of = state(1001, true);
  of.guests[0].verdict->claims = Json::Object{{"aud", "bulkhead/acme"}};
  of.guests[0].lease->standing = "lapsed";
  EXPECT_EQ(standing(of).standing, Standing::lapsed);
  EXPECT_FALSE(provisioner::all_attested({standing(of)}));
  EXPECT_TRUE(standing(of).claims.is_null());
  of.guests[0].lease->standing = "ended";
  of.guests[0].lease->ended = "revoked: guest worker/0";
  const std::string table = provisioner::standings_table({standing(of)});
  EXPECT_THAT(table, HasSubstr("lease ended\n"));
  EXPECT_THAT(table, HasSubstr("acme worker/0: revoked: guest worker/0\n"));
  of.guests[0].lease.reset();
  EXPECT_EQ(standing(of).standing, Standing::lapsed);
}

TEST(GuestStanding, ShowsWhoIsCutOff) {
  GuestStanding guest = standing(state(1001, false));
  guest.fenced = true;
  EXPECT_THAT(provisioner::standings_table({guest}), HasSubstr("refused, fenced\n"));
  EXPECT_TRUE(provisioner::standings_json({guest}).array().at(0).at("fenced").boolean());
}

TEST(GuestStanding, IsOffForAGuestOfThePlanThatTheHostDoesNotHave) {
  const provisioner::Plan plan = measured_plan();
  const auto all = provisioner::standings(acme, booted_at_1000, state(1001, true), &plan);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].guest, "control/0");
  EXPECT_EQ(all[1].standing, Standing::off);
  EXPECT_FALSE(provisioner::all_attested(all));
}

TEST(GuestStanding, IsSettledForAGuestThatIsOffAndNotForOneThatHasYetToReport) {
  const auto off = provisioner::standings(
      acme, {{"worker/0", "bh-acme-worker-0", false, 0, "/store/console/worker-0.log"}}, state(1001, true), nullptr);
  EXPECT_TRUE(provisioner::settled(off));
  EXPECT_FALSE(provisioner::all_attested(off));
  EXPECT_THAT(provisioner::standings_table(off), HasSubstr("is off, so nothing vouches for it; its console: /store/"));
  EXPECT_FALSE(provisioner::settled({standing(std::nullopt)}));
}

TEST(GuestStanding, StaysRefusedWhenTheRefusedGuestHasStopped) {
  const std::vector<GuestRuntime> stopped = {{"worker/0", "bh-acme-worker-0", false, 0, ""}};
  const auto all = provisioner::standings(acme, stopped, state(1001, false), nullptr);
  EXPECT_EQ(all.front().standing, Standing::refused);
  EXPECT_EQ(all.front().reasons, std::vector<std::string>{"attestation key not enrolled"});
}

TEST(GuestStanding, IsSettledByARefusalButNotAttested) {
  EXPECT_TRUE(provisioner::settled({standing(state(1001, false))}));
  EXPECT_FALSE(provisioner::all_attested({standing(state(1001, false))}));
  EXPECT_TRUE(provisioner::all_attested({standing(state(1001, true))}));
  EXPECT_FALSE(provisioner::all_attested({}));
}

TEST(GuestStanding, PointsToTheConsoleOfAGuestThatNeverReports) {
  const std::string table = provisioner::standings_table({standing(std::nullopt)});
  EXPECT_THAT(table, HasSubstr("never attested"));
  EXPECT_THAT(table, HasSubstr("its console: /store/console/worker-0.log"));
}

}  // namespace
