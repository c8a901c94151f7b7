#include "guest/bootstrap_secret.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace guest {
namespace {

using attestation::wire::HttpResponse;
using std::chrono::milliseconds;

/// A service that answers every request alike, or cannot be reached.
class FakeService final : public attestation::wire::HttpClient {
 public:
  explicit FakeService(std::vector<std::string>& paths, std::optional<HttpResponse> answer)
      : paths_(paths), answer_(std::move(answer)) {}
  HttpResponse post(std::string_view path, std::string_view) override { return get(path); }
  HttpResponse get(std::string_view path) override {
    paths_.emplace_back(path);
    if (!answer_) throw base::Error(base::Kind::host, "connection refused");
    return *answer_;
  }

 private:
  std::vector<std::string>& paths_;
  std::optional<HttpResponse> answer_;
};

class NoEvidence final : public attestation::wire::EvidenceMaker {
 public:
  attestation::wire::InitData init_data() override { return {"toml", ""}; }
  attestation::wire::TpmEvidence evidence(base::Bytes) override {
    throw base::Error(base::Kind::failure, "TPM: Quote failed with 0x922");
  }
};

struct Attempt {
  std::vector<std::string> paths;
  std::vector<milliseconds::rep> pauses;
  std::optional<base::Kind> kind;
  std::string message;
};

/// Fetches for worker/3 of a service that is unreachable `down` times and then gives `answer`.
Attempt attempt(std::size_t down, const HttpResponse& answer) {
  Attempt out;
  std::size_t connections = 0;
  NoEvidence evidence;
  const Connect connect = [&] {
    return std::make_unique<FakeService>(out.paths, ++connections <= down ? std::nullopt : std::optional(answer));
  };
  const Patience patience{milliseconds(100), milliseconds(400), milliseconds(1500),
                          [&](milliseconds pause) { out.pauses.push_back(pause.count()); }};
  try {
    fetch_bootstrap_secret({{"acme"}, base::Pool::worker, 3}, connect, evidence, patience);
  } catch (const base::Error& error) {
    out.kind = error.kind();
    out.message = error.what();
  }
  return out;
}

const HttpResponse refused{401,
                           attestation::wire::ErrorInformation::named("AttestationFailed", "key not enrolled").text()};

TEST(BootstrapSecret, NeverAsksAgainAfterARefusal) {
  const Attempt result = attempt(0, refused);
  EXPECT_THAT(result.pauses, testing::IsEmpty());
  EXPECT_THAT(result.paths, testing::ElementsAre("/kbs/v0/auth"));
  EXPECT_EQ(result.kind, base::Kind::not_attested);
  EXPECT_EQ(result.message, "the attestation service refused the request: key not enrolled");
}

TEST(BootstrapSecret, ConnectsAgainWithLongerPausesWhileTheServiceIsNotThere) {
  const Attempt result = attempt(4, refused);
  EXPECT_THAT(result.pauses, testing::ElementsAre(100, 200, 400, 400));
  EXPECT_THAT(result.paths, testing::SizeIs(5));
  EXPECT_EQ(result.kind, base::Kind::not_attested);
}

TEST(BootstrapSecret, GivesUpWhenThePausesSumUpToItsPatience) {
  const Attempt result = attempt(1000, refused);
  EXPECT_THAT(result.pauses, testing::ElementsAre(100, 200, 400, 400, 400));
  EXPECT_EQ(result.kind, base::Kind::host);
  EXPECT_EQ(result.message, "connection refused");
}

TEST(BootstrapSecret, DoesNotRepeatWhatFailsInTheGuestItself) {
  const Attempt result = attempt(0, {200, R"({"nonce":"bm9uY2U=","extra-params":""})"});
  EXPECT_THAT(result.pauses, testing::IsEmpty());
  EXPECT_EQ(result.message, "TPM: Quote failed with 0x922");
}

}  // namespace
}  // namespace guest
