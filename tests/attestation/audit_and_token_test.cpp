#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attestation/audit_log.h"
#include "attestation/discovery.h"
#include "attestation/guest_name.h"
#include "attestation/rate_limit.h"
#include "attestation/session_table.h"
#include "attestation/store.h"
#include "attestation/token.h"
#include "attestation/wire/jwk.h"
#include "base/certificate.h"
#include "base/error.h"
#include "base/posix_files.h"
#include "base/sqlite_database.h"
#include "tests/temporary_folder.h"

namespace {

using namespace attestation;

std::string three_lines() {
  std::string text;
  AuditLog log({}, [&](const std::string& line) { text += line + "\n"; });
  log.record(1, "started", {});
  log.record(2, "refused", {{"guest", "worker/0"}});
  log.record(3, "stopped", {});
  return text;
}

TEST(AuditLog, VerifiesWhatItWroteAndContinuesIt) {
  std::string text = three_lines();
  EXPECT_EQ(verify_audit_log(text), std::nullopt);
  AuditLog later(check_audit_log(text).head, [&](const std::string& line) { text += line + "\n"; });
  later.record(4, "started", {});
  EXPECT_EQ(verify_audit_log(text), std::nullopt);
  EXPECT_EQ(verify_audit_log(""), std::nullopt);
}

TEST(AuditLog, NamesTheLineAfterATamperedOrRemovedOne) {
  std::string changed = three_lines();
  changed.replace(changed.find("worker/0"), 8, "worker/1");
  EXPECT_EQ(verify_audit_log(changed), "line 3: does not continue line 2");
  const std::string text = three_lines();
  EXPECT_EQ(verify_audit_log(text.substr(text.find('\n') + 1)), "line 1: does not continue an empty log");
  EXPECT_EQ(verify_audit_log("no json\n"), "line 1: does not continue an empty log");
}

TEST(AuditLog, EndsBeforeALineThatWasCutOffAtAnyByte) {
  const std::string text = three_lines();
  const std::size_t whole = text.rfind('\n', text.size() - 2) + 1;
  for (std::size_t end = whole + 1; end < text.size(); ++end) {
    const AuditLogCheck check = check_audit_log(text.substr(0, end));
    EXPECT_EQ(check.problem, std::nullopt) << end;
    EXPECT_TRUE(check.cut_off) << end;
    EXPECT_EQ(check.lines, 2U);
    EXPECT_EQ(check.whole_bytes, whole);
  }
  EXPECT_EQ(verify_audit_log(text.substr(0, text.size() - 1)), "line 3: is cut off");
  EXPECT_FALSE(check_audit_log(text).cut_off);
}

TEST(AuditLog, ShowsThatLinesWereCutFromItsEndToWhoNotedItsHead) {
  const std::string text = three_lines();
  const base::Sha256 noted = check_audit_log(text).head;
  EXPECT_TRUE(has_link(text, noted));
  const std::string shortened = text.substr(0, text.rfind('\n', text.size() - 2) + 1);
  EXPECT_EQ(verify_audit_log(shortened), std::nullopt);
  EXPECT_FALSE(has_link(shortened, noted));
  EXPECT_TRUE(has_link(text, check_audit_log(shortened).head));
}

TokenIssuer issuer_at(const std::string& url) {
  return {base::PrivateKey::generate(base::PrivateKey::Type::p256), url, ""};
}

base::Json part(const std::string& token, unsigned number) {
  std::size_t start = 0;
  for (unsigned i = 0; i < number; ++i) start = token.find('.', start) + 1;
  const std::string text = token.substr(start, token.find('.', start) - start);
  return base::Json::parse(base::text_of(*base::from_base64url(text)), "token part");
}

TEST(Token, IsAcceptedOnlyWithItsIssuerTenantAndTime) {
  const TokenIssuer issuer = issuer_at("https://10.20.255.1:8443");
  const TokenClaims claims{
      "acme", "worker/0", "id", std::string(64, 'a'), 3, std::string(64, 'b'), base::EcdhKey().point(), 1000, 1300};
  const std::string token = issue_token(issuer, claims, base::Json::Object{});
  const auto accepted = accepted_token(token, issuer.key.public_key(), issuer.url, "acme", 1000);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->guest, "worker/0");
  EXPECT_EQ(accepted->guest_key, claims.guest_key);
  EXPECT_EQ(accepted->attestation_key, claims.attestation_key);
  EXPECT_EQ(accepted->boot, 3);
  EXPECT_EQ(accepted->measurement, claims.measurement);
  EXPECT_FALSE(accepted_token(token, issuer_at("").key.public_key(), issuer.url, "acme", 1000));
  EXPECT_FALSE(accepted_token(token, issuer.key.public_key(), "https://10.21.255.1:8443", "acme", 1000));
  EXPECT_FALSE(accepted_token(token, issuer.key.public_key(), issuer.url, "zeta", 1000));
  EXPECT_FALSE(accepted_token(token, issuer.key.public_key(), issuer.url, "acme", 999));
  EXPECT_FALSE(accepted_token(token, issuer.key.public_key(), issuer.url, "acme", 1300));
  EXPECT_FALSE(accepted_token(token.substr(1), issuer.key.public_key(), issuer.url, "acme", 1000));
  EXPECT_FALSE(accepted_token("", issuer.key.public_key(), issuer.url, "acme", 1000));
  EXPECT_FALSE(accepted_token("a.b.c", issuer.key.public_key(), issuer.url, "acme", 1000));
}

TEST(Token, HasTheMembersOfTrusteesExampleAndOurs) {
  const TokenIssuer issuer = issuer_at("https://10.20.255.1:8443");
  const base::EcdhKey::Point guest_key = base::EcdhKey().point();
  const std::string token =
      issue_token(issuer, {"acme", "worker/0", "id", std::string(64, 'a'), 3, std::string(64, 'b'), guest_key, 1, 2},
                  base::Json::Object{});
  const base::Json json = part(token, 1);
  EXPECT_EQ(json.at("iss").text(), "https://10.20.255.1:8443");
  EXPECT_EQ(json.at("sub").text(), "acme/worker/0");
  EXPECT_EQ(json.at("aud").text(), "bulkhead/acme");
  EXPECT_EQ(json.at("jti").text(), "id");
  EXPECT_EQ(json.at("cnf").at("jwk").at("x").text(), base::base64url(guest_key.x));
  EXPECT_EQ(json.at("cvm.tenant").text(), "acme");
  EXPECT_EQ(json.at("cvm.role").text(), "worker");
  EXPECT_EQ(json.at("cvm.attestationKey").text(), std::string(64, 'a'));
  EXPECT_EQ(json.at("cvm.boot").integer(), 3);
  EXPECT_EQ(json.at("cvm.measurement").text(), std::string(64, 'b'));
  EXPECT_EQ(json.at("cvm.reattestSeconds").integer(), 300);
  EXPECT_EQ(json.at("eat_profile").text(), "tag:github.com,2024:confidential-containers/Trustee");
  EXPECT_EQ(json.at("submods").at("cpu0").at("ear.status").text(), "affirming");
}

TEST(Token, CarriesItsKeyAndCertificatesWhereTrusteeLooksForThem) {
  TokenIssuer issuer = issuer_at("https://10.20.255.1:8443");
  issuer.chain = base::read_file(BULKHEAD_TEST_DATA "/attestation/trustee_token_chain.pem");
  const base::Json header = part(
      issue_token(issuer, {"acme", "worker/0", "id", "", 1, "", base::EcdhKey().point(), 1, 2}, base::Json::Object{}),
      0);
  EXPECT_EQ(header.at("alg").text(), "ES256");
  EXPECT_EQ(header.at("typ").text(), "JWT");
  EXPECT_EQ(header.at("jwk").at("alg").text(), "ES256");
  EXPECT_EQ(header.at("jwk").at("x").text(), base::base64url(issuer.key.public_key().p256_point().x));
  EXPECT_EQ(header.at("jwk").at("x5c").array().size(), 1U);
}

TEST(Discovery, AnswersTrusteesKeySetForTrusteesKey) {
  const std::string chain = base::read_file(BULKHEAD_TEST_DATA "/attestation/trustee_token_chain.pem");
  const base::Json wanted =
      base::Json::parse(base::read_file(BULKHEAD_TEST_DATA "/attestation/trustee_jwks.json"), "wanted");
  const base::Json made = jwks_json({{base::certificate_key(chain, "chain"), chain}});
  const base::Json key = made.at("keys").array().at(0);
  for (const auto& [member, value] : wanted.at("keys").array().at(0).object())
    EXPECT_EQ(key.at(member), value) << member;
}

// Source: RFC 7638 says which members are hashed and how; the value is Python's hashlib over that text for this key.
TEST(Discovery, NamesAKeyByItsThumbprint) {
  const std::string chain = base::read_file(BULKHEAD_TEST_DATA "/attestation/trustee_token_chain.pem");
  EXPECT_EQ(wire::key_thumbprint(base::certificate_key(chain, "chain").p256_point()),
            "Sxz5mEKAKGy0sXcyU7KyF3WIO2dHHcfUwHThwSBU6lc");
}

TEST(SessionTable, BindsNoncesToSessionAndTenant) {
  const base::Secret key = base::random_secret(32);
  SessionTable acme("acme", key.clone());
  SessionTable zeta("zeta", key.clone());
  const std::string id = *acme.start("a", "tpm", 0);
  const std::string nonce = acme.find(id, 0)->nonce;
  EXPECT_EQ(nonce.size(), 44U);
  EXPECT_TRUE(acme.made_here(nonce, id));
  EXPECT_FALSE(acme.made_here(nonce, *acme.start("a", "tpm", 0)));
  EXPECT_FALSE(zeta.made_here(nonce, id));
  EXPECT_FALSE(acme.made_here("", id));
  EXPECT_EQ(acme.find(id, 5 * 60 * 1000), nullptr);
}

/// As many sessions as there may be, each of them waiting for its attestation.
std::vector<std::string> fill(SessionTable& sessions) {
  std::vector<std::string> ids;
  for (unsigned i = 0; i < 2048; ++i) ids.push_back(sessions.start(std::to_string(i % 32), "tpm", i).value_or(""));
  return ids;
}

TEST(SessionTable, HoldsAtMost2048Sessions) {
  SessionTable sessions("acme", base::random_secret(32));
  fill(sessions);
  EXPECT_FALSE(sessions.start("33", "tpm", 2048));
  EXPECT_EQ(sessions.count(2048), 2048U);
  EXPECT_TRUE(sessions.start("33", "tpm", 10 * 60 * 1000));
  EXPECT_EQ(sessions.count(10 * 60 * 1000), 1U);
}

TEST(SessionTable, GivesThePlaceOfTheOldestAttestedSessionToANewOne) {
  SessionTable sessions("acme", base::random_secret(32));
  const std::vector<std::string> ids = fill(sessions);
  sessions.find(ids[700], 0)->used = sessions.find(ids[30], 0)->used = true;
  EXPECT_TRUE(sessions.start("33", "tpm", 2048));
  EXPECT_EQ(sessions.find(ids[30], 2048), nullptr);
  EXPECT_NE(sessions.find(ids[700], 2048), nullptr);
  EXPECT_TRUE(sessions.start("33", "tpm", 2048));
  EXPECT_FALSE(sessions.start("33", "tpm", 2048)) << "what still waits is nobody's to take";
  EXPECT_NE(sessions.find(ids[0], 2048), nullptr);
}

TEST(SessionTable, HoldsAtMost64SessionsOfOneSource) {
  SessionTable sessions("acme", base::random_secret(32));
  for (unsigned i = 0; i < 64; ++i) ASSERT_TRUE(sessions.start("10.0.0.2", "tpm", 0));
  EXPECT_FALSE(sessions.start("10.0.0.2", "tpm", 0));
  EXPECT_TRUE(sessions.start("10.0.0.3", "tpm", 0));
}

TEST(RateLimit, RefillsAndForgetsOnlyIdleSources) {
  RateLimit limit(2, 1);
  EXPECT_TRUE(limit.allows("a", 0));
  EXPECT_TRUE(limit.allows("a", 0));
  EXPECT_FALSE(limit.allows("a", 0));
  EXPECT_TRUE(limit.allows("b", 1000));
  EXPECT_TRUE(limit.allows("a", 1000));
  for (unsigned i = 0; i < 4094; ++i) EXPECT_TRUE(limit.allows("x" + std::to_string(i), 1000));
  EXPECT_FALSE(limit.allows("one more", 1000));
  EXPECT_TRUE(limit.allows("one more", 9000));
}

TEST(GuestName, KnowsGuestsFromOtherText) {
  for (const char* good : {"worker/0", "control/12"}) EXPECT_TRUE(is_guest_name(good)) << good;
  for (const char* bad : {"", "worker", "worker/", "worker/01", "worker/x", "other/0", "worker/0/1", "worker/99999"}) {
    EXPECT_FALSE(is_guest_name(bad)) << bad;
  }
  EXPECT_EQ(guest_of_path_segment("worker-0"), "worker/0");
  EXPECT_EQ(guest_of_path_segment("../etc"), std::nullopt);
}

TEST(Store, RefusesTheDatabaseOfAnEarlierVersionThatHoldsSecrets) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("service.sqlite");
  base::SqliteDatabase("earlier database", path)
      .execute("CREATE TABLE secrets(name TEXT PRIMARY KEY) STRICT; INSERT INTO secrets VALUES('bootstrap')");
  EXPECT_THAT([&] { open_sqlite_store(path); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("destroy the tenant and apply it again")));
}

TEST(Store, GoesOnWithTheDatabaseOfAnEarlierVersionThatNeverHadASecret) {
  const tests::TemporaryFolder folder;
  const std::string path = folder.file("service.sqlite");
  base::SqliteDatabase("earlier database", path).execute("CREATE TABLE secrets(name TEXT PRIMARY KEY) STRICT");
  open_sqlite_store(path)->enrol("worker/0", base::bytes_of("key"));
  EXPECT_EQ(open_sqlite_store(path)->enrolled_keys().size(), 1U);
}

}  // namespace
