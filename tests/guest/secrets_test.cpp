#include "guest/secrets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attestation/wire/jwe.h"
#include "base/encoding.h"
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
  [[nodiscard]] std::string_view tee() const override { return "tpm"; }
  base::Json primary_evidence(const base::Sha384&) override {
    throw base::Error(base::Kind::failure, "TPM: Quote failed with 0x922");
  }
};

struct Attempt {
  std::vector<std::string> paths;
  std::vector<milliseconds::rep> pauses;
  std::optional<base::Kind> kind;
  std::string message;
  std::vector<std::string> told;
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
                          [&](milliseconds pause) { out.pauses.push_back(pause.count()); },
                          [&](const std::string& why) { out.told.push_back(why); }};
  try {
    base::Initdata initdata;
    initdata.guest = {{"acme"}, base::Pool::worker, 3};
    fetch_secrets(initdata, {connect, evidence, patience});
  } catch (const base::Error& error) {
    out.kind = error.kind();
    out.message = error.what();
  }
  return out;
}

const HttpResponse refused{401,
                           attestation::wire::ErrorInformation::named("AttestationFailed", "key not enrolled").text()};

TEST(Secrets, NeverAsksAgainAfterARefusal) {
  const Attempt result = attempt(0, refused);
  EXPECT_THAT(result.pauses, testing::IsEmpty());
  EXPECT_THAT(result.paths, testing::ElementsAre("/kbs/v0/auth"));
  EXPECT_EQ(result.kind, base::Kind::not_attested);
  EXPECT_EQ(result.message, "the attestation service refused the request: key not enrolled");
}

TEST(Secrets, AsksAgainWhereTheServicePutsTheGuestOff) {
  const Attempt result = attempt(
      0, {429, attestation::wire::ErrorInformation::named("AttestationError", "refused; entry 1f2e3d4c").text()});
  EXPECT_THAT(result.pauses, testing::ElementsAre(100, 200, 400, 400, 400));
  EXPECT_EQ(result.kind, base::Kind::host);
  EXPECT_EQ(result.message, "the attestation service put the request off: refused; entry 1f2e3d4c");
  EXPECT_EQ(result.told, std::vector{result.message}) << "once";
}

TEST(Secrets, ConnectsAgainWithLongerPausesWhileTheServiceIsNotThere) {
  const Attempt result = attempt(4, refused);
  EXPECT_THAT(result.pauses, testing::ElementsAre(100, 200, 400, 400));
  EXPECT_THAT(result.paths, testing::SizeIs(5));
  EXPECT_EQ(result.kind, base::Kind::not_attested);
}

TEST(Secrets, GivesUpWhenThePausesSumUpToItsPatience) {
  const Attempt result = attempt(1000, refused);
  EXPECT_THAT(result.pauses, testing::ElementsAre(100, 200, 400, 400, 400));
  EXPECT_EQ(result.kind, base::Kind::host);
  EXPECT_EQ(result.message, "connection refused");
}

TEST(Secrets, DoesNotRepeatWhatFailsInTheGuestItself) {
  const Attempt result = attempt(0, {200, R"({"nonce":"bm9uY2U=","extra-params":""})"});
  EXPECT_THAT(result.pauses, testing::IsEmpty());
  EXPECT_EQ(result.message, "TPM: Quote failed with 0x922");
}

/// A service that accepts every guest and sends the same key for everything it is asked for.
class ReleasingService final : public attestation::wire::HttpClient {
 public:
  explicit ReleasingService(std::vector<std::string>& requests) : requests_(requests) {}
  HttpResponse post(std::string_view path, std::string_view body) override {
    requests_.push_back("POST " + std::string(path));
    if (path == "/kbs/v0/auth") return {200, R"({"nonce":"bm9uY2U=","extra-params":""})"};
    if (path != "/kbs/v0/attest") return {200, "{}"};
    guest_key_ = attestation::wire::AttestRequest::parse(body).runtime_data.tee_public_key;
    return {200, R"({"token":"a.b.c"})"};
  }
  HttpResponse get(std::string_view path) override {
    requests_.push_back("GET " + std::string(path));
    attestation::wire::VolumeKeys keys{true, {}};
    keys.versions.emplace_back(base::Buffer(32, 7));
    return {200, attestation::wire::encrypt_to_guest(guest_key_, attestation::wire::volume_keys_bytes(keys).view())};
  }

 private:
  std::vector<std::string>& requests_;
  attestation::wire::TeeKey guest_key_;
};

class SomeEvidence final : public attestation::wire::EvidenceMaker {
 public:
  attestation::wire::InitData init_data() override { return {"toml", ""}; }
  [[nodiscard]] std::string_view tee() const override { return "tpm"; }
  base::Json primary_evidence(const base::Sha384&) override { return base::Json::Object{}; }
};

TEST(Secrets, OfAGuestAndItsVolumesComeInOneSession) {
  std::vector<std::string> requests;
  SomeEvidence evidence;
  const Service service{[&] { return std::make_unique<ReleasingService>(requests); }, evidence, {}};
  base::Initdata initdata;
  initdata.guest = {{"acme"}, base::Pool::worker, 3};
  initdata.volumes = {"data", "logs"};
  const Secrets secrets = fetch_secrets(initdata, service);
  EXPECT_THAT(requests, testing::ElementsAre("POST /kbs/v0/auth", "POST /kbs/v0/attest",
                                             "GET /kbs/v0/resource/bulkhead/bootstrap/worker-3",
                                             "GET /kbs/v0/resource/bulkhead/volume/worker-3-data",
                                             "GET /kbs/v0/resource/bulkhead/volume/worker-3-logs"));
  EXPECT_TRUE(secrets.volumes.at("data").may_format);
  EXPECT_EQ(base::hex(secrets.volumes.at("logs").versions.at(0).view()), base::hex(base::Buffer(32, 7)));
}

TEST(Secrets, WhatWasFormattedIsToldInASessionOfItsOwn) {
  std::vector<std::string> requests;
  SomeEvidence evidence;
  tell_formatted({{"acme"}, base::Pool::worker, 3}, {"data", "logs"},
                 {[&] { return std::make_unique<ReleasingService>(requests); }, evidence, {}});
  EXPECT_THAT(requests, testing::ElementsAre("POST /kbs/v0/auth", "POST /kbs/v0/attest",
                                             "POST /bulkhead/v1/volume/worker-3-data/formatted",
                                             "POST /bulkhead/v1/volume/worker-3-logs/formatted"));
}

}  // namespace
}  // namespace guest
