#include <gtest/gtest.h>

#include "attestation/audit_log.h"
#include "attestation/guest_name.h"
#include "attestation/rate_limit.h"
#include "attestation/session_table.h"
#include "attestation/store.h"
#include "attestation/token.h"
#include "base/error.h"

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
  AuditLog later(last_link(text), [&](const std::string& line) { text += line + "\n"; });
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

TEST(Token, IsAcceptedOnlyWithItsKeyTenantAndTime) {
  const auto key = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  const auto other = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  const TokenClaims claims{"acme", "worker/0", "id", base::sha256({}), base::EcdhKey().point(), 1000, 1300};
  const std::string token = issue_token(key, claims, base::Json::Object{});
  const auto accepted = accepted_token(token, key.public_key(), "acme", 1000);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->guest, "worker/0");
  EXPECT_EQ(accepted->guest_key, claims.guest_key);
  EXPECT_EQ(accepted->key, claims.key);
  EXPECT_FALSE(accepted_token(token, other.public_key(), "acme", 1000));
  EXPECT_FALSE(accepted_token(token, key.public_key(), "zeta", 1000));
  EXPECT_FALSE(accepted_token(token, key.public_key(), "acme", 999));
  EXPECT_FALSE(accepted_token(token, key.public_key(), "acme", 1300));
  EXPECT_FALSE(accepted_token(token.substr(1), key.public_key(), "acme", 1000));
  EXPECT_FALSE(accepted_token("", key.public_key(), "acme", 1000));
  EXPECT_FALSE(accepted_token("a.b.c", key.public_key(), "acme", 1000));
}

TEST(Token, HasTheMembersOfTrusteesExampleAndOurs) {
  const auto key = base::PrivateKey::generate(base::PrivateKey::Type::p256);
  const std::string token = issue_token(
      key, {"acme", "worker/0", "id", base::sha256({}), base::EcdhKey().point(), 1, 2}, base::Json::Object{});
  const std::size_t first = token.find('.') + 1;
  const std::string payload = token.substr(first, token.rfind('.') - first);
  const base::Json json = base::Json::parse(base::text_of(*base::from_base64url(payload)), "payload");
  EXPECT_EQ(json.at("sub").text(), "acme/worker/0");
  EXPECT_EQ(json.at("aud").text(), "bulkhead/acme");
  EXPECT_EQ(json.at("cvm.role").text(), "worker");
  EXPECT_EQ(json.at("cvm.attestationKey").text(), base::sha256({}).hex());
  EXPECT_EQ(json.at("eat_profile").text(), "tag:github.com,2024:confidential-containers/Trustee");
  EXPECT_EQ(json.at("submods").at("cpu0").at("ear.status").text(), "affirming");
}

TEST(SessionTable, BindsNoncesToSessionAndTenant) {
  const base::Secret key = base::random_secret(32);
  SessionTable acme("acme", key.clone());
  SessionTable zeta("zeta", key.clone());
  const std::string id = *acme.start(0);
  const std::string nonce = acme.find(id, 0)->nonce;
  EXPECT_EQ(nonce.size(), 44U);
  EXPECT_TRUE(acme.made_here(nonce, id));
  EXPECT_FALSE(acme.made_here(nonce, *acme.start(0)));
  EXPECT_FALSE(zeta.made_here(nonce, id));
  EXPECT_FALSE(acme.made_here("", id));
  EXPECT_EQ(acme.find(id, 5 * 60 * 1000), nullptr);
}

TEST(SessionTable, HoldsAtMost1024Sessions) {
  SessionTable sessions("acme", base::random_secret(32));
  for (unsigned i = 0; i < 1024; ++i) ASSERT_TRUE(sessions.start(0));
  EXPECT_FALSE(sessions.start(0));
  EXPECT_TRUE(sessions.start(5 * 60 * 1000));
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

TEST(Store, KeepsSecretsSealed) {
  const auto store = open_sqlite_store(":memory:");
  const base::Secret key = base::random_secret(32);
  const base::Secret secret = secret_made_once(*store, key.view(), "bootstrap/worker/0");
  EXPECT_EQ(base::hex(secret_made_once(*store, key.view(), "bootstrap/worker/0").view()), base::hex(secret.view()));
  EXPECT_NE(base::hex(store->sealed_secret("bootstrap/worker/0")->ciphertext), base::hex(secret.view()));
  EXPECT_THROW(secret_made_once(*store, base::random_secret(32).view(), "bootstrap/worker/0"), base::Error);
}

}  // namespace
