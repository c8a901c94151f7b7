#include "kms/openbao_client.h"

#include <gmock/gmock.h>

#include "kms/openbao_store.h"
#include "kms/openbao_token.h"
#include "kms/provider_error.h"
#include "tests/kms/samples.h"

namespace kms {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::ThrowsMessage;

/// Answers one after the other, the last one again and again; remembers what was asked.
class ScriptedServer final : public HttpTransport {
 public:
  struct Reply {
    unsigned status = 200;
    std::string body;
    bool lost = false;  ///< sent, but the answer never came
  };
  explicit ScriptedServer(std::vector<Reply> replies) : replies_(std::move(replies)) {}
  HttpAnswer exchange(const HttpRequest& request) override {
    asked.push_back(request.method + " " + request.path);
    const Reply& reply = replies_[std::min(asked.size(), replies_.size()) - 1];
    if (reply.lost) throw TransportError("127.0.0.1:8200: Timeout was reached", true);
    return {reply.status, base::Secret(base::buffer_of(base::bytes_of(reply.body)))};
  }
  std::vector<std::string> asked;

 private:
  std::vector<Reply> replies_;
};

OpenBaoIdentity a_token() {
  return OpenBaoToken{base::Secret(base::Buffer{'s', '.', 'x'})};
}
OpenBaoIdentity a_certificate() {
  return OpenBaoCertificate{"cert", "acme"};
}

class OpenBao : public testing::Test {
 protected:
  OpenBaoClient& client(std::vector<ScriptedServer::Reply> replies, OpenBaoIdentity identity = a_token()) {
    server_ = std::make_shared<ScriptedServer>(std::move(replies));
    client_ = std::make_shared<OpenBaoClient>("openbao test", "acme", std::move(identity), server_);
    return *client_;
  }
  std::shared_ptr<ScriptedServer> server_;
  std::shared_ptr<OpenBaoClient> client_;
};

TEST_F(OpenBao, NamesTheServersOwnIdOfARequest) {
  OpenBaoClient& refused = client({{403, R"({"errors":["permission denied"],"request_id":"7f-1"})"}});
  EXPECT_THAT(
      [&] { refused.granted("GET", "kv/data/a", {}, OpenBaoEffect::none); },
      ThrowsMessage<ProviderError>("kms openbao test, request 7f-1: GET /v1/kv/data/a: HTTP 403: permission denied"));
}

struct Failure {
  const char* what;
  ScriptedServer::Reply reply;
  OpenBaoEffect effect;
  std::size_t requests;
  Retry retry;
};
const Failure failures[] = {
    {"an internal error, read", {500, R"({"errors":["broken"]})"}, OpenBaoEffect::none, 3, Retry::unsafe},
    {"an internal error, write", {500, R"({"errors":["broken"]})"}, OpenBaoEffect::makes_one_more, 1, Retry::unsafe},
    {"sealed", {503, R"({"errors":["Vault is sealed"]})"}, OpenBaoEffect::makes_one_more, 3, Retry::safe},
    {"too many requests", {429, R"({"errors":["slow down"]})"}, OpenBaoEffect::makes_one_more, 3, Retry::safe},
    {"a lost answer, read", {200, "", true}, OpenBaoEffect::none, 3, Retry::safe},
    {"a lost answer, write", {200, "", true}, OpenBaoEffect::makes_one_more, 1, Retry::unsafe},
    {"a proxy's page", {502, "<html>"}, OpenBaoEffect::makes_one_more, 1, Retry::unsafe},
    {"half an answer", {200, R"({"data":{"keys":["a)"}, OpenBaoEffect::none, 1, Retry::safe},
    {"no object", {200, "[]"}, OpenBaoEffect::idempotent, 1, Retry::safe},
    {"no namespace", {404, R"({"errors":["namespace not found"]})"}, OpenBaoEffect::none, 1, Retry::useless},
    {"a redirect", {307, ""}, OpenBaoEffect::none, 1, Retry::useless},
};

TEST_F(OpenBao, SaysOfEveryFailureWhetherARetryIsSafe) {
  for (const Failure& failure : failures) {
    SCOPED_TRACE(failure.what);
    OpenBaoClient& failing = client({failure.reply});
    try {
      failing.granted("POST", "x", base::Json::Object{}, failure.effect);
      ADD_FAILURE() << "was granted";
    } catch (const ProviderError& error) {
      EXPECT_EQ(error.retry(), failure.retry) << error.what();
      EXPECT_THAT(error.what(), AllOf(HasSubstr("openbao test, request "), HasSubstr("POST /v1/x")));
    }
    EXPECT_EQ(server_->asked.size(), failure.requests);
  }
}

TEST_F(OpenBao, LogsInAgainOnceWhenItsTokenIsNoLongerTaken) {
  const ScriptedServer::Reply login{200, R"({"auth":{"client_token":"s.1","lease_duration":60}})"};
  const ScriptedServer::Reply denied{403, R"({"errors":["permission denied"]})"};
  client({login, denied, login, {200, "{}"}}, a_certificate()).granted("GET", "x", {}, OpenBaoEffect::none);
  EXPECT_THAT(server_->asked,
              ElementsAre("POST /v1/auth/cert/login", "GET /v1/x", "POST /v1/auth/cert/login", "GET /v1/x"));
  OpenBaoClient& denied_for_ever = client({login, denied, login, denied}, a_certificate());
  EXPECT_THROW(denied_for_ever.granted("GET", "x", {}, OpenBaoEffect::none), ProviderError);
  EXPECT_EQ(server_->asked.size(), 4U);
}

TEST_F(OpenBao, ShowsNoTokenInItsErrors) {
  const auto failing = [&] {
    client({{500, "{}"}}, OpenBaoToken{base::Secret(base::Buffer{'s', 'e', 'c', 'r', 'e', 't'})})
        .granted("GET", "x", {}, OpenBaoEffect::none);
  };
  EXPECT_THAT(failing, ThrowsMessage<ProviderError>(Not(HasSubstr("secret"))));
}

TEST_F(OpenBao, LooksAtItsTokenAndRenewsIt) {
  client({{200, R"({"data":{"ttl":95,"creation_ttl":100,"expire_time":"2027-01-01T00:00:00Z","period":100,)"
                R"("renewable":true,"policies":["keys","default"],"identity_policies":["all"],"explicit_max_ttl":0}})"},
          {200, R"({"auth":{"client_token":"s.x","lease_duration":100,"renewable":true}})"},
          {200, R"({"data":{"ttl":0,"creation_ttl":0,"expire_time":null,"policies":["root"]}})"}});
  const auto credential = make_openbao_token(client_);
  const CredentialTerm looked = credential->look(), renewed = credential->renew();
  EXPECT_EQ(looked.seconds, 95);
  EXPECT_EQ(looked.granted, 100);
  EXPECT_TRUE(looked.renewable);
  EXPECT_EQ(renewed.seconds, 100);
  EXPECT_TRUE(renewed.renewable);
  const OpenBaoTokenFacts root = look_at_token(*client_);
  EXPECT_EQ(root.seconds, std::nullopt);
  EXPECT_FALSE(root.renewable);
  EXPECT_THAT(root.policies, ElementsAre("root"));
  EXPECT_THAT(server_->asked, ElementsAre("GET /v1/auth/token/lookup-self", "POST /v1/auth/token/renew-self",
                                          "GET /v1/auth/token/lookup-self"));
}

TEST_F(OpenBao, SaysWhyATokenIsNotRenewed) {
  const std::pair<ScriptedServer::Reply, const char*> refusals[] = {
      {{403, R"({"errors":["permission denied"]})"}, "HTTP 403: permission denied"},
      {{400, R"({"errors":["lease is not renewable"]})"}, "lease is not renewable"},
      {{500, R"({"errors":["broken"]})"}, "HTTP 500: broken"},
      {{503, R"({"errors":["Vault is sealed"]})"}, "sealed (a retry is safe)"},
      {{200, "", true}, "Timeout was reached (a retry is safe)"},
      {{200, R"({"auth":null})"}, "wanted an object"},
  };
  for (const auto& [reply, words] : refusals) {
    client({reply});
    EXPECT_THAT([&] { make_openbao_token(client_)->renew(); }, testing::ThrowsMessage<base::Error>(HasSubstr(words)));
  }
}

TEST_F(OpenBao, AnswersAreReadStrictly) {
  const auto parsed = [](const char* text) { return base::Json::parse(text, "answer"); };
  for (const char* text :
       {R"({})", R"({"auth":null})", R"({"auth":{"client_token":"","lease_duration":1}})",
        R"({"auth":{"client_token":"a b","lease_duration":1}})", R"({"auth":{"client_token":"a","lease_duration":-1}})",
        R"({"auth":{"client_token":"a\r\nX-Evil: 1","lease_duration":1}})", R"({"auth":{"client_token":7}})"})
    EXPECT_THROW(parse_openbao_login(parsed(text)), base::Error) << text;
  for (const char* text : {R"({"data":null})", R"({"data":{"ttl":1,"creation_ttl":1}})",
                           R"({"data":{"ttl":-1,"creation_ttl":1,"expire_time":"x"}})",
                           R"({"data":{"ttl":9223372036854775807,"creation_ttl":1,"expire_time":"x"}})",
                           R"({"data":{"ttl":"1","creation_ttl":1,"expire_time":"x"}})",
                           R"({"data":{"ttl":1,"creation_ttl":1,"expire_time":"x","renewable":"yes"}})",
                           R"({"data":{"ttl":1,"creation_ttl":1,"expire_time":"x","period":null}})",
                           R"({"data":{"ttl":1,"creation_ttl":1,"expire_time":"x","policies":[1]}})"})
    EXPECT_THROW(parse_openbao_token(parsed(text)), base::Error) << text;
  for (const char* text : {R"({"data":null})", R"({"data":{"data":{"record":"x"}}})",
                           R"({"data":{"data":{"record":"x"},"metadata":{"version":0}}})",
                           R"({"data":{"data":{"record":7},"metadata":{"version":1}}})",
                           R"({"data":{"data":{"other":"x"},"metadata":{"version":1}}})"})
    EXPECT_THROW(parse_openbao_secret(parsed(text)), base::Error) << text;
  for (const char* text : {R"({"data":{"ciphertext":"plain"}})", R"({"data":{}})", R"({"data":{"ciphertext":null}})"})
    EXPECT_THROW(parse_openbao_ciphertext(parsed(text)), base::Error) << text;
  for (const char* text : {R"({"data":{"plaintext":"?"}})", R"({"data":{"plaintext":1}})"})
    EXPECT_THROW(parse_openbao_plaintext(parsed(text)), base::Error) << text;
  for (const char* text :
       {R"({})", R"({"data":{"data":null}})", R"({"data":{"data":{"record":"x"}}})", R"({"data":{"data":{"key":7}}})",
        R"({"data":{"data":{"key":"?"}}})", R"({"data":{"data":{"key":""}}})", R"({"data":{"data":{"key":"AAAA"}}})",
        R"({"data":{"data":{"key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}})"})
    EXPECT_THROW(parse_openbao_guest_key(parsed(text)), base::Error) << text;
  for (const char* text : {R"({"data":{"keys":"a"}})", R"({"data":{"keys":[1]}})"})
    EXPECT_THROW(parse_openbao_list(parsed(text)), base::Error) << text;
  EXPECT_EQ(openbao_errors(parsed(R"({"errors":["a\nb",7]})")), "a b");
  EXPECT_THAT(openbao_request_id(parsed(R"({"request_id":7})")), IsEmpty());
}

TEST_F(OpenBao, FollowsNoHandleOrNameOutOfItsPlace) {
  client({{200, R"({"data":{"keys":["../","a"]}})"}});
  EXPECT_THROW(make_openbao_records(client_, "kv")->names(), base::Error);
  const MaterialId id{samples::acme, KeyName::parse("worker/0/root"), 1};
  const auto material = make_openbao_material(client_, "transit");
  for (const char* handle : {"", "acme.worker.0.root.1.ab", "acme.worker.0.root.2.ab vault:v1:x",
                             "other.worker.0.root.1.ab vault:v1:x", "acme.worker.0.root.1.ab/../x vault:v1:x"})
    EXPECT_THAT([&] { material->fetch(id, base::bytes_of(handle)); },
                ThrowsMessage<base::Error>(HasSubstr("handle of")))
        << handle;
}

}  // namespace
}  // namespace kms
