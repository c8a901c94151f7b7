#include "guest/passport.h"

#include <gmock/gmock.h>

#include "attestation/wire/jwe.h"
#include "base/encoding.h"
#include "base/error.h"

namespace guest {
namespace {

using attestation::wire::ClientIdentity;
using attestation::wire::HttpResponse;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* login = R"({"auth":{"client_token":"s.1","lease_duration":60}})";
constexpr const char* never_made = R"({"errors":[]})";

/// What the KMS answers to the requests after the login; the last again and again.
struct Answer {
  unsigned status = 200;
  std::string body;
  bool lost = false;
};

/// A service that accepts the guest and never has a key; and a KMS beside it. Both tell what they were asked.
class Outside {
 public:
  explicit Outside(std::vector<Answer> answers) : answers_(std::move(answers)) {}
  std::vector<std::string> asked;
  std::vector<base::Json> written;
  std::string certificate;
  std::string key;
  std::string versions = R"({"version":1,"next":null,"mayFormat":true})";  ///< of the volume's key, says the service

  class Service final : public attestation::wire::HttpClient {
   public:
    explicit Service(Outside& outside) : outside_(outside) {}
    HttpResponse post(std::string_view path, std::string_view body) override {
      if (path == "/kbs/v0/auth") return {200, R"({"nonce":"bm9uY2U=","extra-params":""})"};
      if (path != "/kbs/v0/attest") return get(path);
      guest_key_ = attestation::wire::AttestRequest::parse(body).runtime_data.tee_public_key;
      return {200, R"({"token":"a.b.c"})"};
    }
    HttpResponse get(std::string_view path) override {
      outside_.asked.push_back("service " + std::string(path));
      if (path.starts_with("/bulkhead/v1/volume/")) return {200, outside_.versions};
      return {200, attestation::wire::encrypt_to_guest(guest_key_, base::bytes_of("the chain"))};
    }

   private:
    Outside& outside_;
    attestation::wire::TeeKey guest_key_;
  };

  class Kms final : public kms::HttpTransport {
   public:
    explicit Kms(Outside& outside) : outside_(outside) {}
    kms::HttpAnswer exchange(const kms::HttpRequest& request) override {
      outside_.asked.push_back(request.method + " " + request.path);
      if (request.path.ends_with("/login")) return told({200, login});
      if (request.method == "POST")
        outside_.written.push_back(base::Json::parse(base::text_of(request.body.view()), "body"));
      const Answer& answer = outside_.answers_[std::min(outside_.next_++, outside_.answers_.size() - 1)];
      if (answer.lost) throw kms::TransportError("KMS https://192.0.2.9:8200: timed out", true);
      return told(answer);
    }

   private:
    static kms::HttpAnswer told(const Answer& answer) {
      return {answer.status, base::Secret(base::buffer_of(base::bytes_of(answer.body))), {}};
    }
    Outside& outside_;
  };

 private:
  std::vector<Answer> answers_;
  std::size_t next_ = 0;
};

class SomeEvidence final : public attestation::wire::EvidenceMaker {
 public:
  attestation::wire::InitData init_data() override { return {"toml", ""}; }
  [[nodiscard]] std::string_view tee() const override { return "tpm"; }
  base::Json primary_evidence(const base::Sha384&) override { return base::Json::Object{}; }
};

Secrets fetched(Outside& outside, std::vector<std::string> volumes = {}) {
  SomeEvidence evidence;
  guest::Service service{[&] { return std::make_unique<Outside::Service>(outside); }, evidence, {}, {}};
  service.patience.total = {};
  service.open_kms = [&](const ClientIdentity& own) {
    outside.certificate = own.certificate;
    outside.key = base::text_of(own.key.view());
    return std::make_shared<Outside::Kms>(outside);
  };
  base::Initdata initdata;
  initdata.guest = {{"acme"}, base::Pool::worker, 3};
  initdata.volumes = std::move(volumes);
  initdata.kms = {{"192.0.2.9", 8200}, "", "acme", "cvm"};
  return fetch_secrets(initdata, service);
}

std::string there(const base::Buffer& key) {
  return R"({"data":{"data":{"key":")" + base::base64(key) + R"("},"metadata":{"version":1}}})";
}

TEST(Passport, AsksTheKmsForTheGuestsOwnKeysAndTheServiceForNone) {
  Outside outside({{200, there(base::Buffer(32, 7))}});
  const Secrets secrets = fetched(outside, {"data"});
  EXPECT_THAT(outside.asked,
              ElementsAre("service /kbs/v0/resource/bulkhead/certificate/worker-3", "POST /v1/auth/cvm/cert/login",
                          "GET /v1/cvm/kv/data/guests/worker/3/bootstrap", "service /bulkhead/v1/volume/worker-3-data",
                          "GET /v1/cvm/kv/data/guests/worker/3/volumes/data"));
  EXPECT_EQ(base::hex(secrets.volumes.at("data").versions.at(0).view()), base::hex(base::Buffer(32, 7)));
  EXPECT_TRUE(secrets.volumes.at("data").may_format);
  EXPECT_EQ(outside.certificate, "the chain");
  EXPECT_THAT(outside.key, HasSubstr("PRIVATE KEY")) << "of the key that was attested";
}

TEST(Passport, MakesAKeyWhereThereNeverWasOneAndOnlyThere) {
  Outside outside({{404, never_made}, {200, "{}"}});
  const Secrets secrets = fetched(outside);
  ASSERT_EQ(outside.written.size(), 1U);
  EXPECT_EQ(outside.written[0].at("options").at("cas").integer(), 0);
  EXPECT_EQ(outside.written[0].at("data").at("key").text(), base::base64(secrets.bootstrap.view()));
  EXPECT_EQ(secrets.bootstrap.size(), 32U);
}

TEST(Passport, TakesTheKeyOfWhoeverWasFirst) {
  const char* const lost_race = R"({"errors":["check-and-set parameter did not match the current version"]})";
  Outside outside({{404, never_made}, {400, lost_race}, {200, there(base::Buffer(32, 9))}});
  EXPECT_EQ(base::hex(fetched(outside).bootstrap.view()), base::hex(base::Buffer(32, 9)));
}

const std::string bootstrap = there(base::Buffer(32, 7)), old_key = there(base::Buffer(32, 8)),
                  new_key = there(base::Buffer(32, 9));
const char* const deleted = R"({"data":{"data":null,"metadata":{"version":1}}})";

struct Start {
  const char* what;
  const char* versions;
  std::vector<Answer> answers;  ///< after that to the question for the bootstrap secret
  std::vector<int> keys;        ///< of the volume, by their bytes
  const char* last_asked;
};
const Start starts[] = {
    {"the version that is in use",
     R"({"version":3,"next":null,"mayFormat":false})",
     {{200, new_key}},
     {9},
     "volumes/data.3"},
    {"both of a rotation",
     R"({"version":1,"next":2,"mayFormat":false})",
     {{200, old_key}, {200, new_key}},
     {8, 9},
     "volumes/data.2"},
    {"one not made yet",
     R"({"version":1,"next":2,"mayFormat":false})",
     {{200, old_key}, {404, never_made}},
     {8},
     "volumes/data.2"},
    {"one that its owner deleted",
     R"({"version":1,"next":2,"mayFormat":false})",
     {{200, old_key}, {404, deleted}},
     {8},
     "volumes/data.2"},
    {"the new one alone",
     R"({"version":2,"next":4,"mayFormat":false})",
     {{404, never_made}, {200, new_key}},
     {9},
     "volumes/data.4"},
    {"one that was given up before it was used",
     R"({"version":1,"next":null,"mayFormat":true})",
     {{200, old_key}},
     {8},
     "volumes/data"},
};

TEST(Passport, StartsWithWhicheverVersionsThereAreAndMakesNone) {
  for (const Start& start : starts) {
    SCOPED_TRACE(start.what);
    std::vector<Answer> answers = start.answers;
    answers.insert(answers.begin(), {200, bootstrap});
    Outside outside(answers);
    outside.versions = start.versions;
    const Secrets secrets = fetched(outside, {"data"});
    const auto& versions = secrets.volumes.at("data").versions;
    ASSERT_EQ(versions.size(), start.keys.size());
    for (std::size_t i = 0; i < versions.size(); ++i) EXPECT_EQ(static_cast<int>(versions[i].view()[0]), start.keys[i]);
    EXPECT_EQ(secrets.rotating, outside.versions.find("null") == std::string::npos);
    EXPECT_THAT(outside.asked.back(), testing::EndsWith(start.last_asked));
    EXPECT_THAT(outside.written, testing::IsEmpty());
  }
}

TEST(Passport, MakesNoOtherKeyForADiskThatWasFormatted) {
  for (const char* const versions :
       {R"({"version":2,"next":null,"mayFormat":false})", R"({"version":2,"next":3,"mayFormat":false})"}) {
    Outside outside({{200, bootstrap}, {404, never_made}});
    outside.versions = versions;
    EXPECT_THAT([&] { fetched(outside, {"data"}); },
                testing::ThrowsMessage<base::Error>(HasSubstr("/volumes/data.2: somebody deleted the key there")));
    EXPECT_THAT(outside.written, testing::IsEmpty());
  }
}

struct Failure {
  const char* what;
  std::vector<Answer> answers;
  base::Kind kind;  ///< host: asked again by whoever has the patience
  const char* message;
};
const Failure failures[] = {
    {"refused", {{403, R"({"errors":["permission denied"]})"}}, base::Kind::not_attested, "permission denied"},
    {"no such namespace", {{404, R"({"errors":["namespace not found"]})"}}, base::Kind::not_attested, "namespace"},
    {"sealed", {{503, R"({"errors":["Vault is sealed"]})"}}, base::Kind::host, "(a retry is safe)"},
    {"an internal error", {{500, R"({"errors":["broken"]})"}}, base::Kind::host, "HTTP 500: broken"},
    {"down or slow", {{0, "", true}}, base::Kind::host, "timed out (a retry is safe)"},
    {"half an answer", {{200, R"({"data":{"data":{"ke)"}}, base::Kind::host, "(a retry is safe)"},
    {"a proxy's page", {{502, "<html>"}}, base::Kind::host, "HTTP 502"},
    {"the answer to a new key is lost", {{404, never_made}, {0, "", true}}, base::Kind::host, "(a retry is safe)"},
    {"a new key is not taken", {{404, never_made}, {400, R"({"errors":["no"]})"}}, base::Kind::not_attested, "no"},
    {"a deleted key",
     {{404, R"({"data":{"data":null,"metadata":{"version":1}}})"}},
     base::Kind::failure,
     "somebody deleted the key there"},
    {"another secret",
     {{200, R"({"data":{"data":{"key":"AAAA"},"metadata":{}}})"}},
     base::Kind::malformed,
     "of 32 bytes"},
};

TEST(Passport, AsksAgainOnlyWhereThatCanHelp) {
  for (const Failure& failure : failures) {
    SCOPED_TRACE(failure.what);
    Outside outside(failure.answers);
    try {
      fetched(outside);
      ADD_FAILURE() << "came by its secrets";
    } catch (const base::Error& error) {
      EXPECT_EQ(error.kind(), failure.kind) << error.what();
      EXPECT_THAT(error.what(), HasSubstr(failure.message));
    }
  }
}

TEST(Passport, NamesTheKmsAndTheRequestInWhatWentWrong) {
  Outside outside({{403, R"({"errors":["permission denied"],"request_id":"7f-1"})"}});
  EXPECT_THAT([&] { fetched(outside); }, testing::ThrowsMessage<base::Error>(
                                             AllOf(HasSubstr("openbao https://192.0.2.9:8200"), HasSubstr("7f-1"))));
}

}  // namespace
}  // namespace guest
