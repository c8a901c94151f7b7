#include "attestation/backup.h"
#include "base/certificate.h"
#include "base/certificate_chain.h"
#include "tests/cli/own_service.h"

// A running service is given renewed keys: what keeps counting, and what does not.

namespace cli {
namespace {

namespace wire = attestation::wire;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Keeps the token of the attestation that goes through it.
class TokenCatcher final : public wire::HttpClient {
 public:
  explicit TokenCatcher(wire::HttpClient& to) : to_(to) {}
  wire::HttpResponse post(std::string_view path, std::string_view json) override {
    wire::HttpResponse response = to_.post(path, json);
    if (path == "/kbs/v0/attest") token = wire::TokenResponse::parse(response.body).token;
    return response;
  }
  wire::HttpResponse get(std::string_view path) override { return to_.get(path); }

  std::string token;

 private:
  wire::HttpClient& to_;
};

class ServiceRenewal : public OwnService {
 protected:
  /// Makes the next bundle of the one in use.
  Ran renew(const std::string& out, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"keys", "rotate", file("first/bundle.json"), "--out", file(out)};
    if (more.empty() || more.front() != "--ca") words.insert(words.end(), {"--ca", file("ca.pem")});
    words.insert(words.end(), more.begin(), more.end());
    return run_command(words);
  }
  /// Starts the service again with another bundle, as an owner does with her own.
  void put_bundle(const std::string& name) {
    program.kill();
    base::write_file_atomically(file("first/bundle.json"), base::read_file(file(name)), 0600);
  }
  std::optional<int> ends() { return program.launch(file("first")).ended_within(std::chrono::seconds(60)); }
  [[nodiscard]] base::Json bundle(const std::string& name) const {
    return base::Json::parse(base::read_file(file(name)), name);
  }
  /// Who alice is, under this CA.
  wire::ClientIdentity alice(const std::string& ca) {
    if (!std::filesystem::exists(file("alice.key")))
      must({"keys", "owner", "--tenant", "acme", "--ca", file(ca + ".pem"), "--name", "alice", "--out", file("alice")});
    const std::string key = base::read_file(file("alice.key"));
    return {base::read_file(file("alice.pem")), base::Secret(base::buffer_of(base::bytes_of(key)))};
  }
  unsigned status_with(const std::string& token) {
    const auto client = wire::make_owner_https_client(program.url(), base::read_file(file("ca.pem")), alice("ca"), 10);
    return client
        ->send("GET", "/kbs/v0/resource/bulkhead/bootstrap/worker-0", "", 1U << 20U,
               {{"Authorization", "Bearer " + token}})
        .status;
  }
  [[nodiscard]] bool certificate_counts(const std::string& chain) const {
    const auto given = base::parse_x509(base::bytes_of(chain), "guest's certificate").certificates;
    const base::ChainRequest request{
        .roots = base::parse_x509(base::bytes_of(base::read_file(file("ca.pem"))), "CA").certificates,
        .others = given,
        .revocation_lists = {},
        .time = ::time(nullptr)};
    return base::verify_chain(given.at(0), request).good();
  }
  [[nodiscard]] std::string log() const { return base::read_file(file("first/audit.jsonl")); }
};

TEST_F(ServiceRenewal, KeepsKeysTokensCertificatesApprovalAndEnrolments) {
  start("first");
  approve_and_enrol();
  const std::string before = secret();
  volume();
  note_formatted();
  const auto connection = client();
  TokenCatcher caught(*connection);
  const std::string certificate = wire::AttestedSession(caught, worker).identity("worker-0").certificate;
  const std::string disk = volume();
  const Ran renewed = renew("next.json");
  ASSERT_EQ(renewed.code, 0) << renewed.err;
  put_bundle("next.json");
  start("first");
  EXPECT_EQ(status_with(caught.token), 200U) << "a token of the key before is good for its five minutes";
  EXPECT_TRUE(certificate_counts(certificate));
  EXPECT_EQ(secret(), before);
  EXPECT_EQ(volume(), disk);
  EXPECT_THAT(disk, StartsWith("opens "));
  const attestation::ServiceState state = program.admin->state();
  EXPECT_TRUE(state.intent_digest);
  EXPECT_EQ(state.guests.at(0).lease->boot, 1) << "one life of the guest";
  const auto after = client();
  EXPECT_TRUE(certificate_counts(wire::AttestedSession(*after, worker).identity("worker-0").certificate));
  EXPECT_THAT(log(), Not(HasSubstr("storage key changed")));
}

TEST_F(ServiceRenewal, TakesANewTokenKeyInPlaceOfOneThatWasRotatedMeanwhile) {
  start("first");
  approve_and_enrol();
  must({"keys", "token", "--tenant", "acme", "--ca", file("ca.pem"), "--out", file("token.json")});
  must({"service", "rotate", "acme", "--token-key", file("token.json"), "--run", folder.path()});
  const auto connection = client();
  TokenCatcher caught(*connection);
  wire::AttestedSession(caught, worker).resource("resource/bulkhead/bootstrap/worker-0");
  ASSERT_EQ(renew("next.json", {"--storage-key"}).code, 0);
  put_bundle("next.json");
  start("first");
  EXPECT_EQ(status_with(caught.token), 200U);
  EXPECT_EQ(secret().size(), 64U);
}

TEST_F(ServiceRenewal, BringsTheStoreUnderANewStorageKeyOnceAndSaysSo) {
  start("first");
  approve_and_enrol();
  const std::string before = secret();
  volume();
  note_formatted();
  const std::string disk = volume();
  std::filesystem::copy_file(file("first/bundle.json"), file("old.json"));
  const Ran renewed = renew("next.json", {"--storage-key"});
  ASSERT_EQ(renewed.code, 0) << renewed.err;
  EXPECT_THAT(renewed.out, HasSubstr("the storage key is a new one; the one before is in it as previousStorageKey"));
  EXPECT_EQ(bundle("next.json").at("previousStorageKey"), bundle("old.json").at("storageKey"));
  put_bundle("next.json");
  for (int starts = 0; starts < 2; ++starts) {
    start("first");
    EXPECT_EQ(secret(), before);
    EXPECT_EQ(volume(), disk);
    EXPECT_EQ(program.admin->state().key_problem, "");
    program.kill();
  }
  const std::string noted = "\"event\":\"storage key changed\",\"file\":\"keys.sqlite\"";
  EXPECT_THAT(log(), HasSubstr(noted));
  EXPECT_EQ(log().find(noted), log().rfind(noted)) << "once";
  put_bundle("old.json");
  EXPECT_EQ(ends(), 1) << "what the old storage key opened is gone";
  put_bundle("next.json");
  const Ran dropped = renew("last.json");
  ASSERT_EQ(dropped.code, 0);
  EXPECT_THAT(dropped.out, HasSubstr("has a service started with the old bundle?"));
  EXPECT_EQ(bundle("last.json").find("previousStorageKey"), nullptr);
  put_bundle("last.json");
  start("first");
  EXPECT_EQ(secret(), before);
}

TEST_F(ServiceRenewal, OpensItsStoreHoweverOftenItIsKilledWhileTheStorageKeyChanges) {
  start("first");
  approve_and_enrol();
  const std::string before = secret();
  volume();
  for (int turn = 0; turn < 12; ++turn) {
    ASSERT_EQ(renew("next.json", {"--storage-key"}).code, 0);
    put_bundle("next.json");
    std::filesystem::remove(file("next.json"));
    program.launch(file("first")).ended_within(std::chrono::milliseconds(turn * 3));
    program.kill();
    start("first");
    ASSERT_EQ(secret(), before) << turn;
  }
  EXPECT_EQ(program.admin->state().key_problem, "");
}

TEST_F(ServiceRenewal, BackupsOfBeforeAndAfterAreRestoredEachWithItsOwnBundle) {
  start("first");
  approve_and_enrol();
  const std::string before = secret();
  const auto back_up = [&](const std::string& out) {
    must({"service", "backup", "acme", "--to", file("backup.pub"), "--out", file(out), "--run", folder.path()});
  };
  back_up("before.backup");
  ASSERT_EQ(renew("next.json", {"--storage-key"}).code, 0);
  put_bundle("next.json");
  start("first");
  back_up("after.backup");
  program.kill();
  for (const std::string name : {"before", "after"}) {
    must({"service", "restore", "acme", "--from", file(name + ".backup"), "--key", file("backup.key"), "--state",
          file(name)});
    start(name);
    EXPECT_EQ(secret(), before) << name;
    program.kill();
  }
  base::write_file_atomically(file("before/bundle.json"), base::read_file(file("next.json")), 0600);
  start("before");
  EXPECT_EQ(secret(), before) << "and the older one comes under the new key, too";
}

TEST_F(ServiceRenewal, RestoresABackupWhoseCertificateHasEndedSinceAndRenewsIt) {
  start("first");
  approve_and_enrol();
  const std::string before = secret();
  must({"service", "backup", "acme", "--to", file("backup.pub"), "--out", file("made"), "--run", folder.path()});
  program.kill();
  // As if it were of two hours ago, under a CA of yesterday, and its certificate had been good for one hour.
  const auto key_in = [&](const std::string& name) {
    return base::PrivateKey::from_pem(base::read_file(file(name)), name);
  };
  const std::int64_t now = ::time(nullptr);
  const base::KeySigner ca_key(key_in("ca.key"));
  const std::string ca = base::make_ca_certificate(ca_key, {"acme CA", {}, {}, now - 86400, now + 86400});
  base::write_file_atomically(file("ca.pem"), ca, 0644);
  attestation::Backup backup =
      attestation::opened_backup(base::bytes_of(base::read_file(file("made"))), key_in("backup.key"));
  backup.time_ms = (now - 7000) * 1000;
  for (base::TarMember& one : backup.files) {
    if (one.path != "bundle.json" && one.path != "config.json") continue;
    base::Json json = base::Json::parse(one.content, one.path);
    if (one.path == "config.json") json["ca"] = ca;
    if (one.path == "bundle.json")
      json["tlsCertificate"] = base::make_server_certificate(
          ca_key, ca, base::PrivateKey::from_pem(json.at("tlsKey").text(), "TLS").public_key(),
          {"acme", {}, {program.address()}, now - 7200, now - 3600});
    one.content = json.compact();
  }
  base::write_file_atomically(file("old.backup"), attestation::sealed_backup(backup, key_in("backup.key").public_key()),
                              0600);
  const Ran restored = run_command({"service", "restore", "acme", "--from", file("old.backup"), "--key",
                                    file("backup.key"), "--state", file("second")});
  ASSERT_EQ(restored.code, 0) << restored.err;
  EXPECT_THAT(restored.out, HasSubstr("The service does not start with the bundle in it: certificate has expired"));
  EXPECT_EQ(program.launch(file("second")).ended_within(std::chrono::seconds(60)), 1);
  must({"keys", "rotate", file("second/bundle.json"), "--ca", file("ca.pem"), "--out", file("next.json")});
  base::write_file_atomically(file("second/bundle.json"), base::read_file(file("next.json")), 0600);
  start("second");
  EXPECT_EQ(secret(), before);
}

TEST_F(ServiceRenewal, TakesANextApprovalKeyAndNoApprovalOfTheOneBefore) {
  start("first");
  approve_and_enrol();
  const std::string before = secret();
  must({"keys", "rotate", file("owner.pub"), "--out", file("next-owner")});
  EXPECT_THROW(program.admin->put_approval(approval("next-owner")), base::Error) << "nobody named it yet";
  program.kill();
  configure("next-owner", "ca");
  start("first");
  EXPECT_FALSE(program.admin->state().intent_digest) << "the approval of before is not the new owner key's";
  EXPECT_THROW(secret(), base::Error);
  EXPECT_THAT(log(), HasSubstr("\"event\":\"stored approval refused\""));
  EXPECT_THROW(program.admin->put_approval(approval("owner")), base::Error);
  program.admin->put_approval(approval("next-owner"));
  EXPECT_EQ(secret(), before);
}

TEST_F(ServiceRenewal, OfALeakedApprovalKeyGoesOnAfterItWasRevoked) {
  start("first");
  approve_and_enrol();
  const std::string old = base::PublicKey::from_pem(base::read_file(file("owner.pub")), "owner").fingerprint().hex();
  must({"revoke", "acme", "--owner-key", old, "--reason", "leaked", "--run", folder.path()});
  EXPECT_FALSE(program.admin->state().intent_digest);
  EXPECT_THROW(program.admin->put_approval(approval("owner")), base::Error);
  must({"keys", "rotate", file("owner.pub"), "--out", file("next-owner")});
  program.kill();
  configure("next-owner", "ca");
  start("first");
  program.admin->put_approval(approval("next-owner"));
  EXPECT_EQ(secret().size(), 64U);
}

TEST_F(ServiceRenewal, UnderANextCaOpensTheSameStoreForGuestsThatPinIt) {
  start("first");
  approve_and_enrol();
  const std::string before = secret();
  must({"keys", "owner", "--tenant", "acme", "--ca", file("ca.pem"), "--name", "alice", "--out", file("alice")});
  must({"keys", "rotate", file("ca.pem"), "--out", file("ca2")});
  const Ran refused = renew("next.json", {"--ca", file("ca2.pem")});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("was made under another CA"));
  ASSERT_EQ(renew("next.json", {"--ca", file("ca2.pem"), "--other-ca"}).code, 0);
  must({"keys", "rotate", file("alice.pem"), "--ca", file("ca2.pem"), "--other-ca", "--out", file("alice2")});
  put_bundle("next.json");
  configure("owner", "ca2");
  start("first");
  EXPECT_THROW(secret(), base::Error) << "a guest that pins the CA of before";
  const auto pinned = program.client(base::read_file(file("ca2.pem")));
  EXPECT_EQ(base::hex(wire::fetch_resource(*pinned, worker, "resource/bulkhead/bootstrap/worker-0").view()), before);
  const auto show = [&](const std::string& identity) {
    return run_command({"service", "show", "acme", "--url", program.url(), "--ca", file("ca2.pem"), "--identity",
                        file(identity)})
        .code;
  };
  EXPECT_EQ(show("alice2"), 0);
  EXPECT_NE(show("alice"), 0) << "an identity of the CA before";
}

TEST_F(ServiceRenewal, IsAskedForAMonthBeforeACertificateEnds) {
  const auto show = [&](const std::vector<std::string>& more = {}) {
    std::vector<std::string> words{"service", "show", "acme", "--run", folder.path()};
    words.insert(words.end(), more.begin(), more.end());
    return run_command(words);
  };
  start("first");
  const Ran fresh = show();
  EXPECT_EQ(fresh.code, 0);
  EXPECT_THAT(fresh.out, Not(HasSubstr("certificates of services")));
  EXPECT_EQ(program.admin->state().certificates.size(), 4U);
  ASSERT_EQ(renew("soon.json", {"--days", "20"}).code, 0);
  put_bundle("soon.json");
  start("first");
  const Ran soon = show();
  EXPECT_EQ(soon.code, 0);
  EXPECT_THAT(soon.out, HasSubstr("certificates of services to renew (docs/owner-keys.md):\nacme: TLS: until "));
  EXPECT_THAT(soon.out, HasSubstr(" days left\n"));
  EXPECT_THAT(show({"--json"}).out, HasSubstr("\"kind\": \"serviceCertificate\""));
  // The token key's has ended; TLS goes on.
  base::Json ended = bundle("soon.json");
  const std::string ca = base::read_file(file("ca.pem"));
  const base::KeySigner ca_key(base::PrivateKey::from_pem(base::read_file(file("ca.key")), "CA"));
  const auto token_key = base::PrivateKey::from_pem(ended.at("tokenKey").text(), "token key").public_key();
  ended["tokenCertificate"] = base::make_signing_certificate(
      ca_key, ca, token_key, {"acme attestation tokens", {}, {}, ::time(nullptr) - 7200, ::time(nullptr) - 3600});
  base::write_file_atomically(file("ended.json"), ended.pretty(), 0600);
  put_bundle("ended.json");
  start("first");
  const Ran over = show();
  EXPECT_EQ(over.code, 1);
  EXPECT_THAT(over.out, HasSubstr("certificates of services that have ended (docs/owner-keys.md):\nacme: token key: "
                                  "over since "));
}

}  // namespace
}  // namespace cli
