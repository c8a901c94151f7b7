#include "service_fixture.h"

/// Which boot of a guest the service's answers are for, and what a revocation ends.
namespace {

using namespace fake;
using testing::HasSubstr;

// --- one guest, one life ---

TEST_F(ServiceTest, GivesTheLeaseToTheLaterBootAndNothingMoreToTheEarlierOne) {
  DirectClient earlier(service);
  wire::fetch_resource(earlier, worker, "resource/bulkhead/bootstrap/worker-0");
  EXPECT_EQ(state_of("worker/0").lease->boot, 1);
  worker.resets = 6;
  worker.clock = 1;
  EXPECT_EQ(outcome(worker).size(), 64U);
  EXPECT_EQ(state_of("worker/0").lease->boot, 2);
  const auto answer = earlier.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0");
  EXPECT_EQ(answer.status, 401U);
  EXPECT_THAT(reasons_behind(answer.body), HasSubstr("the token is of boot 1, the lease of boot 2"));
}

TEST_F(ServiceTest, RefusesACopyOfAnEarlierBootWithoutSpoilingTheRightOne) {
  worker.resets = 6;
  const std::string secret = outcome(worker);
  fake::Guest copy = worker;
  copy.resets = 5;
  EXPECT_THAT(outcome(copy), HasSubstr("a copy or an earlier boot of this guest: tpm 5.0, its boot 1 was tpm 6.0"));
  EXPECT_TRUE(state_of("worker/0").verdict->attested);
  EXPECT_EQ(state_of("worker/0").lease->standing, "current");
  EXPECT_EQ(outcome(worker), secret);
}

TEST_F(ServiceTest, RefusesACopyOfTheSameBootWhoseClockIsBehind) {
  worker.clock = 5000;
  const std::string secret = outcome(worker);
  fake::Guest copy = worker;
  copy.clock = 4000;
  EXPECT_THAT(outcome(copy),
              HasSubstr("a copy of this guest: the TPM's clock of boot 1 was at 5000 ms before, now at 4000"));
  worker.clock = 6000;
  EXPECT_EQ(outcome(worker), secret);
  EXPECT_EQ(state_of("worker/0").lease->boot, 1) << "the same boot attested again";
}

TEST_F(ServiceTest, ShowsALeaseThatWasNotRenewedAsLapsed) {
  outcome(worker);
  now += 900 * 1000;
  EXPECT_EQ(state_of("worker/0").lease->standing, "lapsed");
  EXPECT_EQ(outcome(worker).size(), 64U);
  EXPECT_EQ(state_of("worker/0").lease->standing, "current");
  EXPECT_EQ(state_of("worker/0").lease->since_ms, start_ms);
}

TEST_F(ServiceTest, EndsTheLeaseOfAGuestThatAttestsAgainAsAnother) {
  DirectClient client(service);
  wire::fetch_resource(client, worker, "resource/bulkhead/bootstrap/worker-0");
  fake::Guest changed = worker;
  changed.events[2].data = "another kernel";
  outcome(changed);
  EXPECT_EQ(state_of("worker/0").lease->standing, "ended");
  EXPECT_THAT(state_of("worker/0").lease->ended, HasSubstr("refused: sha256 PCR 4"));
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 401U);
}

TEST_F(ServiceTest, TakesAGuestWithANewTpmForANewLife) {
  worker.resets = 700;
  outcome(worker);
  fake::Guest again{"worker/0"};
  again.resets = 1;
  enrol("worker/0", again.public_key());
  EXPECT_EQ(outcome(again).size(), 64U);
  EXPECT_EQ(state_of("worker/0").lease->boot, 2);
}

// --- revocations ---

class RevocationTest : public ServiceTest, public testing::WithParamInterface<const char*> {
 protected:
  std::string value() {
    const std::string kind = GetParam();
    if (kind == "guest") return "worker/0";
    if (kind == "ownerKey") return owner.public_key().fingerprint().hex();
    return base::sha256(base::bytes_of(std::string("kernel"))).hex();
  }
};

TEST_P(RevocationTest, TakesEffectAtOnceSurvivesARestartAndCanBeLifted) {
  DirectClient client(service);
  wire::fetch_resource(client, worker, "resource/bulkhead/bootstrap/worker-0");
  const std::string body = revocation(GetParam(), value());
  EXPECT_EQ(asked("PUT", "/v1/revocations", body).status, 200U);
  const auto answer = client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0");
  EXPECT_EQ(answer.status, 401U) << "a token from before is good for nothing";
  EXPECT_THAT(reasons_behind(answer.body), HasSubstr("revoked"));
  EXPECT_FALSE(state_of("worker/0").verdict->attested);
  EXPECT_THAT(state_of("worker/0").verdict->reasons.at(0), HasSubstr(value()));
  EXPECT_EQ(state_of("worker/0").lease->standing, "ended");
  EXPECT_NE(outcome(worker).size(), 64U);

  Service restarted{{"acme",
                     {owner.public_key()},
                     {token_key, "https://10.20.255.1:8443", ""},
                     base::random_secret(32),
                     base::random_secret(32),
                     *store,
                     key_store,
                     audit,
                     [this] { return now; },
                     [](const std::string&) {},
                     std::nullopt}};
  ASSERT_EQ(restarted.state().revocations.size(), 1U);
  EXPECT_EQ(restarted.state().revocations[0].value, value());

  EXPECT_EQ(asked("DELETE", "/v1/revocations", body).status, 200U);
  EXPECT_EQ(put("/v1/approval", stored_approval).status, 200U);
  EXPECT_EQ(outcome(worker).size(), 64U);
  EXPECT_THAT(log, HasSubstr("revocation lifted"));
}
INSTANTIATE_TEST_SUITE_P(Kinds, RevocationTest, testing::Values("guest", "image", "ownerKey"));

TEST_F(ServiceTest, LoadsNoApprovalOfARevokedOwner) {
  asked("PUT", "/v1/revocations", revocation("ownerKey", owner.public_key().fingerprint().hex()));
  EXPECT_THAT(put("/v1/approval", stored_approval).body, HasSubstr("is revoked"));
  EXPECT_EQ(state_of("worker/0").verdict.has_value(), false);
  EXPECT_EQ(state.intent_digest, std::nullopt);
}

TEST_F(ServiceTest, RefusesMalformedRevocations) {
  const struct {
    const char *kind, *value, *text;
  } cases[] = {
      {"host", "a", "kind: wanted image, chip, guest or ownerKey"},
      {"guest", "worker-0", "value: wanted POOL/INDEX"},
      {"image", "abc", "value: wanted 64 or 96"},
      {"chip", "ABCDEFABCDEFABCD", "value: wanted 16, 32 or 128 lower-case"},
      {"ownerKey", "", "value: wanted 64"},
  };
  for (const auto& c : cases) {
    const Response response = asked("PUT", "/v1/revocations", revocation(c.kind, c.value));
    EXPECT_EQ(response.status, 400U) << c.kind;
    EXPECT_THAT(response.body, HasSubstr(c.text));
  }
  EXPECT_EQ(asked("DELETE", "/v1/revocations", revocation("guest", "worker/0")).status, 409U);
}

}  // namespace
