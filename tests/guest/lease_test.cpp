#include "guest/lease.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/error.h"

namespace guest {
namespace {

using attestation::wire::HttpResponse;
using std::chrono::milliseconds;

/// A service that answers the challenge and then, attestation by attestation, as it is told; nullopt: out of reach.
class ScriptedService final : public attestation::wire::HttpClient {
 public:
  explicit ScriptedService(std::optional<HttpResponse> verdict) : verdict_(std::move(verdict)) {}
  HttpResponse post(std::string_view path, std::string_view) override {
    if (!verdict_) throw base::Error(base::Kind::host, "connection refused");
    if (path == "/kbs/v0/auth") return {200, R"({"nonce":"bm9uY2U=","extra-params":""})"};
    return *verdict_;
  }
  HttpResponse get(std::string_view path) override {
    ADD_FAILURE() << "a renewal asks for nothing, but for " << path;
    return {404, ""};
  }

 private:
  std::optional<HttpResponse> verdict_;
};

class AnyEvidence final : public attestation::wire::EvidenceMaker {
 public:
  attestation::wire::InitData init_data() override { return {"toml", ""}; }
  [[nodiscard]] std::string_view tee() const override { return "tpm"; }
  base::Json primary_evidence(const base::Sha384&) override { return base::Json::Object{}; }
};

HttpResponse token(const std::string& claims) {
  return {200, R"({"token":"e30.)" + base::base64url(base::bytes_of(claims)) + R"(.c2ln"})"};
}

const HttpResponse refused{401,
                           attestation::wire::ErrorInformation::named("AttestationFailed", "guest revoked").text()};

struct Life {
  std::vector<milliseconds::rep> pauses;
  int renewals = 0;
  std::string ended;  ///< the error's text; "" when it returned
};

Life live(std::vector<std::optional<HttpResponse>> verdicts) {
  Life life;
  std::size_t asked = 0;
  AnyEvidence evidence;
  const Connect connect = [&] { return std::make_unique<ScriptedService>(verdicts.at(asked++)); };
  const Renewal renewal{milliseconds(300), milliseconds(15),
                        [&](milliseconds pause) { life.pauses.push_back(pause.count()); },
                        [&](attestation::wire::AttestedSession&) { ++life.renewals; }};
  try {
    keep_lease(connect, evidence, renewal);
  } catch (const base::Error& error) {
    life.ended = error.what();
  }
  EXPECT_EQ(asked, verdicts.size());
  return life;
}

TEST(Lease, IsRenewedAsOftenAsTheServiceAsksUntilItRefuses) {
  const Life life = live({token(R"({"cvm.reattestSeconds":60})"), token(R"({"cvm.reattestSeconds":20})"), refused});
  EXPECT_THAT(life.pauses, testing::ElementsAre(300, 60000, 20000));
  EXPECT_EQ(life.ended, "the attestation service refused the evidence: guest revoked");
}

TEST(Lease, IsTriedAgainSoonWhileTheServiceIsOutOfReach) {
  const Life life = live({std::nullopt, std::nullopt, token(R"({"cvm.reattestSeconds":60})"), refused});
  EXPECT_THAT(life.pauses, testing::ElementsAre(300, 15, 15, 60000));
  EXPECT_EQ(life.renewals, 1) << "its session is used once for each renewal";
}

TEST(Lease, IsNotRenewedWhereTheServiceDoesNotAskForIt) {
  const Life life = live({token("{}")});
  EXPECT_THAT(life.pauses, testing::ElementsAre(300));
  EXPECT_EQ(life.ended, "");
}

TEST(Lease, IsRenewedNeitherInALoopNorNever) {
  EXPECT_THAT(live({token(R"({"cvm.reattestSeconds":0})"), refused}).pauses, testing::ElementsAre(300, 10000));
  EXPECT_THAT(live({token(R"({"cvm.reattestSeconds":999999999})"), refused}).pauses,
              testing::ElementsAre(300, 86400000));
}

}  // namespace
}  // namespace guest
