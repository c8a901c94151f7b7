#include "attestation/token_keys.h"

#include "base/certificate.h"
#include "service_fixture.h"
#include "tests/fakes/sqlite_power_loss.h"

// The key a service signs tokens with, rotated.

namespace {

using namespace fake;
using testing::HasSubstr;

constexpr std::int64_t five_minutes = 300'000;

PrivateKey new_key() {
  return PrivateKey::generate(PrivateKey::Type::p256);
}
base::Buffer der(const PrivateKey& key) {
  return key.public_key().der();
}
std::string token_of(const TokenKeys& keys, std::int64_t now_ms) {
  const std::int64_t now = now_ms / 1000;
  const TokenClaims claims{"acme", "worker/0", "id", "", 1, std::string(64, 'b'), base::EcdhKey().point(),
                           now,    now + 300};
  return issue_token(keys.current(), claims, base::Json::Object{});
}

class RotatedKeys : public testing::Test {
 protected:
  TokenKeys opened(const PrivateKey& bundle) {
    return {*store, storage_key.view(), {bundle, "https://10.20.255.1:8443", ""}, now};
  }
  std::unique_ptr<Store> store = open_sqlite_store(":memory:");
  base::Secret storage_key = base::random_secret(32);
  std::int64_t now = start_ms;
  PrivateKey first = new_key(), second = new_key(), third = new_key();
};

TEST_F(RotatedKeys, OldTokensAreGoodUntilTheyExpireAndTheirKeyIsPublishedAsLong) {
  TokenKeys keys = opened(first);
  EXPECT_EQ(keys.published(now).size(), 1U);
  const std::string old_token = token_of(keys, now);
  keys.rotate(second, "", now);
  EXPECT_EQ(der(keys.current().key), der(second));
  ASSERT_EQ(keys.published(now).size(), 2U);
  EXPECT_EQ(keys.published(now)[1].key.der(), der(first));
  EXPECT_TRUE(keys.accepted(old_token, "acme", now + five_minutes - 1000));
  EXPECT_TRUE(keys.accepted(token_of(keys, now), "acme", now));
  EXPECT_FALSE(keys.accepted(old_token, "acme", now + five_minutes));
  EXPECT_EQ(keys.published(now + five_minutes).size(), 1U);
}

TEST_F(RotatedKeys, SurviveARestartWithTheOldBundle) {
  opened(first).rotate(second, "chain 2", now);
  const TokenKeys keys = opened(first);
  EXPECT_EQ(der(keys.current().key), der(second));
  EXPECT_EQ(keys.current().chain, "chain 2");
  EXPECT_EQ(keys.published(now).size(), 2U);
}

TEST_F(RotatedKeys, ANewBundleIsARotationTooAndAnOldOneAgainIsTheOnlyKeyAtHand) {
  opened(first).rotate(second, "chain 2", now);
  EXPECT_EQ(der(opened(third).current().key), der(third));
  EXPECT_EQ(opened(third).published(now).size(), 3U);
  EXPECT_EQ(der(opened(first).current().key), der(first));
  EXPECT_EQ(opened(first).published(now + five_minutes).size(), 1U);
}

TEST_F(RotatedKeys, NoRetiredKeysPrivatePartIsKept) {
  TokenKeys keys = opened(first);
  keys.rotate(second, "", now);
  keys.rotate(third, "", now);
  const auto stored = store->token_keys();
  ASSERT_EQ(stored.size(), 3U);
  EXPECT_FALSE(stored[0].sealed);
  EXPECT_FALSE(stored[1].sealed);
  EXPECT_TRUE(stored[2].sealed);
}

TEST_F(RotatedKeys, NeverGoBackToAnEarlierKeyAndOpenUnderTheirStorageKeyOnly) {
  TokenKeys keys = opened(first);
  keys.rotate(second, "", now);
  EXPECT_THROW(keys.rotate(first, "", now), base::Error);
  EXPECT_THROW(keys.rotate(second, "", now), base::Error);
  storage_key = base::random_secret(32);
  EXPECT_THROW(opened(first), base::Error);
}

TEST_F(RotatedKeys, SurvivePowerLossAtEveryWrite) {
  using fakes::Reached;
  fakes::PowerLossDisk start;
  {
    const fakes::PowerLossVfs vfs(start);
    store = open_sqlite_store("/service.sqlite", fakes::PowerLossVfs::name);
    opened(first);
    store.reset();
  }
  bool lost = true;
  int points = 0;
  for (; lost; ++points) {
    fakes::PowerLossDisk disk = start;
    disk.changes_until_loss = points;
    bool done = false;
    {
      const fakes::PowerLossVfs vfs(disk);
      try {
        store = open_sqlite_store("/service.sqlite", fakes::PowerLossVfs::name);
        opened(first).rotate(second, "", now);
        done = true;
      } catch (const base::Error&) {
        EXPECT_TRUE(disk.off);
      }
      store.reset();
    }
    lost = disk.off;
    for (const Reached reached : {Reached::nothing, Reached::half, Reached::everything}) {
      fakes::PowerLossDisk left = disk.after_loss(reached);
      const fakes::PowerLossVfs vfs(left);
      store = open_sqlite_store("/service.sqlite", fakes::PowerLossVfs::name);
      const TokenKeys keys = opened(first);
      const bool rotated = der(keys.current().key) == der(second);
      EXPECT_TRUE(rotated || der(keys.current().key) == der(first)) << points;
      EXPECT_TRUE(rotated || !done) << points << ": it was said to be done";
      EXPECT_EQ(keys.published(now).size(), rotated ? 2U : 1U);
      store.reset();
    }
  }
  EXPECT_GT(points, 5);
}

// --- the administrator's request ---

class TokenKeyRotation : public ServiceTest {
 protected:
  std::string document(const PrivateKey& key, const PrivateKey& authority, const std::string& tenant_name = "acme",
                       std::int64_t until = 36000) const {
    const std::int64_t day = start_ms / 1000;
    const std::string its_ca =  // named as the tenant's, whoever's it is
        base::make_ca_certificate(base::KeySigner(authority), {tenant + " CA", {}, {}, day - 3600, day + 36000});
    const std::string certificate =
        base::make_signing_certificate(base::KeySigner(authority), its_ca, key.public_key(),
                                       {"acme attestation tokens", {}, {}, day - 3600, day + until});
    return base::Json(base::Json::Object{{"schema", "bulkhead.token-key/v1"},
                                         {"tenant", tenant_name},
                                         {"tokenKey", base::text_of(key.pem().view())},
                                         {"tokenCertificate", certificate}})
        .compact();
  }
  std::size_t published() {
    DirectClient client(service);
    return base::Json::parse(client.get("/.well-known/jwks.json").body, "keys").at("keys").array().size();
  }
};

TEST_F(TokenKeyRotation, LeavesGuestsTheTokensTheyHaveAndSaysSoInTheAuditLog) {
  DirectClient client(service);
  const std::string secret = outcome(worker);
  wire::fetch_resource(client, worker, "resource/bulkhead/bootstrap/worker-0");
  const std::string before = service.token_key_id();
  const Response answer = put("/v1/token-key", document(new_key(), ca_key));
  EXPECT_EQ(answer.status, 200U) << answer.body;
  EXPECT_NE(service.token_key_id(), before);
  EXPECT_THAT(answer.body, HasSubstr(service.token_key_id()));
  EXPECT_THAT(log, HasSubstr("\"event\":\"token key rotated\",\"previous\""));
  EXPECT_THAT(log, HasSubstr("\"previousKey\":\"" + before + "\""));
  EXPECT_EQ(published(), 2U);
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 200U) << "a token of the old key";
  now += five_minutes;
  EXPECT_EQ(client.get("/kbs/v0/resource/bulkhead/bootstrap/worker-0").status, 401U);
  EXPECT_EQ(published(), 1U);
  EXPECT_EQ(outcome(worker), secret);
}

TEST_F(TokenKeyRotation, RefusesWhatTheTenantsCaDidNotCertify) {
  const PrivateKey key = new_key();
  const std::vector<std::pair<std::string, std::string>> refused{
      {document(key, new_key()), "tokenCertificate: "},
      {document(key, ca_key, "acme", -60), "tokenCertificate: "},
      {document(key, ca_key, "zeta"), "of tenant 'acme', got 'zeta'"},
      {document(token_key, ca_key), "it was one before"},
      {"{}", "token key"},
  };
  const std::string before = service.token_key_id();
  for (const auto& [body, reason] : refused) {
    const Response answer = put("/v1/token-key", body);
    EXPECT_NE(answer.status, 200U) << reason;
    EXPECT_THAT(answer.body, HasSubstr(reason));
  }
  EXPECT_EQ(service.token_key_id(), before);
}

TEST_F(TokenKeyRotation, RefusesACertificateOfAnotherKey) {
  base::Json mixed = base::Json::parse(document(new_key(), ca_key), "document");
  mixed["tokenKey"] = base::text_of(new_key().pem().view());
  EXPECT_THAT(put("/v1/token-key", mixed.compact()).body, HasSubstr("tokenCertificate: is another key's"));
}

}  // namespace
