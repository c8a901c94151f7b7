#include "attestation/destruction_statement.h"

#include "attestation/signed_time.h"
#include "base/certificate.h"
#include "service_fixture.h"

namespace {

using namespace attestation;
using base::Error;
using base::PrivateKey;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr std::int64_t now_s = fake::start_ms / 1000;

PrivateKey new_key() {
  return PrivateKey::generate(PrivateKey::Type::p256);
}

/// A tenant's CA and a token key under it.
struct Authority {
  PrivateKey key = new_key();
  std::string ca = base::make_ca_certificate(base::KeySigner(key), {"acme CA", {}, {}, now_s - 3600, now_s + 3600});
  [[nodiscard]] TokenIssuer issuer(const std::string& name = "acme attestation tokens") const {
    PrivateKey token_key = new_key();
    std::string chain = base::make_signing_certificate(base::KeySigner(key), ca, token_key.public_key(),
                                                       {name, {}, {}, now_s - 3600, now_s + 3600});
    return {std::move(token_key), "https://10.20.255.1:8443", std::move(chain)};
  }
};

const DestructionStatement two_keys{
    "https://10.20.255.1:8443", "acme", fake::start_ms, {"bootstrap/control/0", "worker/0/data"}, std::string(64, 'a')};

TEST(DestructionStatement, IsReadBackByWhoKnowsTheTenantsCaOnly) {
  const Authority acme;
  const std::string jws = signed_destruction(acme.issuer(), two_keys);
  EXPECT_EQ(verified_destruction(jws, acme.ca, "proof"), two_keys);
  EXPECT_THAT([&] { static_cast<void>(verified_destruction(jws, Authority().ca, "proof")); },
              ThrowsMessage<Error>(HasSubstr("proof: signer: ")));
}

TEST(DestructionStatement, OfNoServiceOfThatTenantIsRefused) {
  const Authority acme;
  const auto refusal = [&](const TokenIssuer& issuer, const DestructionStatement& statement, const char* why) {
    const std::string jws = signed_destruction(issuer, statement);
    EXPECT_THAT([&] { static_cast<void>(verified_destruction(jws, acme.ca, "proof")); },
                ThrowsMessage<Error>(HasSubstr(why)));
  };
  refusal(acme.issuer("acme owner alice"), two_keys, "got a certificate for 'acme owner alice'");
  DestructionStatement changed = two_keys;
  changed.tenant = "globex";
  refusal(acme.issuer(), changed, "wanted 'globex attestation tokens'");
  changed = two_keys;
  changed.time_ms += 7'200'000;
  refusal(acme.issuer(), changed, "signer: ");
  TokenIssuer foreign = acme.issuer();
  foreign.key = new_key();
  refusal(foreign, two_keys, "the signature is not over this text, or another key's");
}

TEST(DestructionStatement, ThatCannotBeReadSaysWhatIsWrong) {
  const Authority acme;
  const TokenIssuer issuer = acme.issuer();
  const std::string jws = signed_destruction(issuer, two_keys);
  const std::string header = jws.substr(0, jws.find('.'));
  const auto with_payload = [&](std::string_view json) {
    return header + "." + base::base64url(base::bytes_of(json)) + jws.substr(jws.rfind('.'));
  };
  struct Row {
    std::string text;
    const char* why;
  };
  for (const Row& row : {
           Row{"", "wanted three parts"},
           Row{"one.two", "wanted three parts"},
           Row{"%.e30.e30", "header: not base64url"},
           Row{"e30.e30.e30", "proof: header: typ: missing"},
           Row{time_statement(issuer, "nonce", 1), "typ: got 'bulkhead-time+jwt', wanted bulkhead-destruction+jwt"},
           Row{with_payload("[]"), "proof: payload: wanted an object"},
           Row{with_payload("{}"), "time_ms: wanted a number"},
           Row{with_payload(R"({"time_ms":1})"), "destroyed: wanted a list"},
           Row{with_payload(R"({"time_ms":1,"destroyed":[1],"iss":"","tenant":"","auditHead":""})"),
               "proof: payload: destroyed: wanted names"},
           Row{with_payload(R"({"time_ms":1,"destroyed":[],"iss":"","tenant":"","auditHead":"","more":1})"), "more"},
           Row{signed_destruction({issuer.key, issuer.url, ""}, two_keys), "x5c: wanted the certificates"},
       }) {
    EXPECT_THAT([&] { static_cast<void>(verified_destruction(row.text, acme.ca, "proof")); },
                ThrowsMessage<Error>(HasSubstr(row.why)))
        << row.text;
  }
}

class ShreddedKeys : public fake::ServiceTest {};

TEST_F(ShreddedKeys, AreStatedUnderTheTenantsCaWithTheLineOfTheAuditLog) {
  const PrivateKey next = new_key();
  const std::string certificate =
      base::make_signing_certificate(base::KeySigner(ca_key), tenant_ca, next.public_key(),
                                     {token_key_name(tenant), {}, {}, now_s - 3600, now_s + 3600});
  const base::Json document = base::Json::Object{{"schema", "bulkhead.token-key/v1"},
                                                 {"tenant", tenant},
                                                 {"tokenKey", base::text_of(next.pem().view())},
                                                 {"tokenCertificate", certificate}};
  ASSERT_EQ(put("/v1/token-key", document.compact()).status, 200U);
  outcome(worker);
  const base::Json answer = base::Json::parse(asked("DELETE", "/v1/keys", "").body, "answer");
  const DestructionStatement said = verified_destruction(answer.at("statement").text(), tenant_ca, "statement");
  EXPECT_EQ(said, (DestructionStatement{url, tenant, now, {"bootstrap/worker/0"}, audit.head().hex()}));
}

}  // namespace
