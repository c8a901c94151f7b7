#include "service_fixture.h"

namespace {

using namespace fake;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t second = 1000, day = 86'400 * second;

class FakeCredential final : public kms::Credential {
 public:
  kms::CredentialTerm look() override { return asked("look"); }
  kms::CredentialTerm renew() override { return asked("renew"); }
  kms::CredentialTerm term{{}, 0, false};
  std::string problem;
  std::vector<std::string> requests;

 private:
  kms::CredentialTerm asked(const char* what) {
    requests.emplace_back(what);
    if (!problem.empty()) throw base::Error(base::Kind::failure, problem);
    return term;
  }
};

class ServiceCredential : public testing::Test {
 protected:
  /// Does what is due until then, as the server would.
  void run_until(std::int64_t end) {
    for (;;) {
      const auto time = tenant.service.credential_has_time();
      if (!time || tenant.now + time->count() > end) break;
      tenant.now += time->count() + 3;  // timers are late
      EXPECT_EQ(tenant.service.credential_has_time()->count(), 0);
      static_cast<void>(completed(tenant.service.keep_credential()));
    }
    tenant.now = end;
  }
  std::size_t told(const std::string& event) {
    std::size_t count = 0;
    for (std::size_t at = 0;
         (at = tenant.log.find("\"event\":\"key store credential " + event, at)) != std::string::npos; ++at)
      ++count;
    return count;
  }
  FakeCredential credential;
  TenantService tenant{"acme", "https://10.20.255.1:8443", {}, {}, &credential};
};

TEST_F(ServiceCredential, IsRenewedForAsLongAsTheServiceRunsAndNothingIsSaid) {
  credential.term = {30 * 86400, 30 * 86400, true};
  run_until(start_ms + 365 * day);
  EXPECT_EQ(credential.requests.size(), 25U) << "one look, and a renewal in 15 days";
  EXPECT_EQ(tenant.service.state().credential, std::nullopt);
  EXPECT_THAT(tenant.log, Not(HasSubstr("credential")));
}

TEST_F(ServiceCredential, IsNotSpokenOfWhenThereIsNoneOrItNeverEnds) {
  run_until(start_ms + 365 * day);
  EXPECT_THAT(credential.requests, testing::ElementsAre("look"));
  EXPECT_EQ(tenant.service.state().credential, std::nullopt);
  TenantService none;
  EXPECT_EQ(none.service.credential_has_time(), std::nullopt);
  EXPECT_THAT(tenant.service.state().json().compact(), Not(HasSubstr("credential")));
}

TEST_F(ServiceCredential, SaysAWeekBeforeWhenOneEndsThatCannotBeRenewed) {
  credential.term = {30 * 86400, 30 * 86400, false};
  run_until(start_ms + 23 * day - 1);
  EXPECT_EQ(tenant.service.state().credential, std::nullopt);
  run_until(start_ms + 40 * day);
  EXPECT_EQ(told("ends"), 1U) << tenant.log;
  EXPECT_THAT(tenant.log, HasSubstr("\"ends\":" + std::to_string((start_ms + 30 * day) / 1000)));
  const auto parsed = ServiceState::parse(tenant.service.state().json().compact());
  ASSERT_TRUE(parsed.credential);
  EXPECT_EQ(parsed.credential->ends, (start_ms + 30 * day) / 1000);
  EXPECT_EQ(parsed.credential->problem, "");
  EXPECT_THAT(credential.requests, testing::ElementsAre("look"));
}

TEST_F(ServiceCredential, SaysOnceWhyItIsNotRenewedAndTriesUntilItIs) {
  credential.term = {30 * 86400, 30 * 86400, true};
  run_until(start_ms + 14 * day);
  credential.problem = "kms openbao test: POST /v1/auth/token/renew-self: HTTP 500";
  run_until(start_ms + 16 * day);
  EXPECT_EQ(told("not renewed"), 1U);
  EXPECT_EQ(told("ends"), 0U) << "two weeks before";
  auto state = tenant.service.state().credential;
  ASSERT_TRUE(state);
  EXPECT_EQ(state->problem, credential.problem);
  EXPECT_EQ(state->ends, (start_ms + 30 * day) / 1000) << "its end is not forgotten";
  run_until(start_ms + 25 * day);
  EXPECT_EQ(told("ends"), 1U);
  EXPECT_GT(credential.requests.size(), 1000U) << "every ten minutes";
  credential.problem.clear();
  run_until(start_ms + 26 * day);
  EXPECT_EQ(told("renewed"), 1U);
  EXPECT_EQ(tenant.service.state().credential, std::nullopt);
}

TEST_F(ServiceCredential, SaysThatOneIsNotValidFromTheStart) {
  credential.problem = "HTTP 403: permission denied";
  run_until(start_ms);
  const auto state = ServiceState::parse(tenant.service.state().json().compact()).credential;
  ASSERT_TRUE(state);
  EXPECT_EQ(state->ends, std::nullopt);
  EXPECT_EQ(state->problem, credential.problem);
  EXPECT_THAT(tenant.log, HasSubstr("\"ends\":null"));
}

}  // namespace
