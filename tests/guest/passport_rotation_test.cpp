#include "guest/passport.h"
#include "guest/rotation.h"

#include "base/encoding.h"
#include "kms/passport.h"
#include "tests/attestation/service_fixture.h"
#include "tests/fakes/fake_encrypted_disk.h"

// A guest of the passport model, its disk, its owner's KMS and its tenant's service, interrupted wherever one of them
// changes something.

namespace {

using guest::Followed;
using testing::HasSubstr;

constexpr const char* volume = "worker-0-data";
const kms::KeyName key_name = kms::KeyName::parse("worker/0/data");

/// The KV engine of an OpenBao: each path is written once or not at all.
class Engine final : public kms::HttpTransport {
 public:
  std::map<std::string, std::optional<std::string>> secrets;  ///< by path; nullopt: deleted, with its metadata left
  int requests_until_away = -1;  ///< what this one asks is done or not, and no answer comes
  bool does_what_it_does_not_answer = false;
  bool away = false;

  kms::HttpAnswer exchange(const kms::HttpRequest& request) override {
    away = away || (requests_until_away >= 0 && requests_until_away-- == 0);
    if (away && !does_what_it_does_not_answer) throw kms::TransportError("KMS: timed out", true);
    kms::HttpAnswer answer = done(request);
    if (away) throw kms::TransportError("KMS: timed out", true);
    return answer;
  }

 private:
  kms::HttpAnswer done(const kms::HttpRequest& request) {
    if (request.path.ends_with("/login")) return told(200, R"({"auth":{"client_token":"s.1","lease_duration":60}})");
    const auto found = secrets.find(request.path);
    if (request.method == "GET") {
      if (found == secrets.end()) return told(404, R"({"errors":[]})");
      if (!found->second) return told(404, R"({"data":{"data":null,"metadata":{"version":1}}})");
      return told(200, R"({"data":{"data":{"key":")" + *found->second + R"("},"metadata":{"version":1}}})");
    }
    if (found != secrets.end())
      return told(400, R"({"errors":["check-and-set parameter did not match the current version"]})");
    const base::Json body = base::Json::parse(base::text_of(request.body.view()), "body");
    EXPECT_EQ(body.at("options").at("cas").integer(), 0);
    secrets[request.path] = body.at("data").at("key").text();
    return told(200, "{}");
  }
  static kms::HttpAnswer told(unsigned status, const std::string& body) {
    return {status, base::Secret(base::buffer_of(base::bytes_of(body))), {}};
  }
};

/// The worker's disk is formatted with version 1 of its key.
class PassportRotation : public testing::Test, protected fake::TenantService {
 protected:
  template <typename Talk>
  auto in_session(const Talk& talk) {
    now += 60'000;  // of which the service's limits know
    fake::DirectClient client(service);
    attestation::wire::AttestedSession session(client, worker);
    return talk(session);
  }
  PassportRotation() : TenantService("acme", "https://10.20.255.1:8443", {}, fake::passport_place()) {
    fake::ApprovedGuest approved = worker.approved();
    approved.volumes = {"data"};
    approve({std::move(approved), control.approved()});
    initdata.guest = {{"acme"}, base::Pool::worker, 0};
    initdata.volumes = {"data"};
    initdata.kms = {{"10.0.0.5", 8200}, "", "acme", "cvm"};
    const auto keys = at_boot();
    disk.slots = {base::buffer_of(keys.volumes.at("data").versions.at(0).view())};
    disk.header = disk.file_system = true;
    in_session([](auto& session) { session.note_formatted(volume); });
  }
  guest::Secrets at_boot() {
    return in_session([&](auto& session) { return guest::passport_secrets(initdata, session, open_kms); });
  }
  /// Whether the guest would open its disk, were it to start now.
  bool opens() {
    const guest::Secrets secrets = at_boot();
    return std::ranges::any_of(secrets.volumes.at("data").versions,
                               [&](const base::Secret& version) { return disk.opens_with(version.view()); });
  }
  Followed follow() {
    return in_session([&](auto& session) {
      return guest::follow_rotation(disk, session, volume, [&](const auto& versions) {
        return guest::fetch_versions(initdata, session, open_kms, "data", versions);
      });
    });
  }
  int rotate(const char* method = "PUT") {
    return static_cast<int>(asked(method, "/v1/rotations", R"({"keys":["worker/0/data"]})").status);
  }
  kms::KeyStatus key() { return key_store.status(key_name); }
  std::string path(std::uint32_t version) const {
    return "/v1/" + kms::passport_path("cvm", initdata.guest, "volumes/data", version);
  }
  base::Buffer secret(std::uint32_t version) {
    return base::from_base64(engine->secrets.at(path(version)).value()).value();
  }

  std::shared_ptr<Engine> engine = std::make_shared<Engine>();
  guest::OpenKms open_kms = [this](const auto&) { return engine; };
  base::Initdata initdata;
  fakes::EncryptedDisk disk;
};

TEST_F(PassportRotation, OfAKeyThatDoesNotRotateAsksTheKmsForNothing) {
  engine->away = true;
  EXPECT_EQ(follow(), Followed::nothing_to_do);
}

TEST_F(PassportRotation, LeavesTheNewKeyAloneOnTheDiskAndBothAtTheKms) {
  ASSERT_EQ(rotate(), 200);
  EXPECT_FALSE(engine->secrets.contains(path(2))) << "the guest makes it, not the service";
  EXPECT_EQ(follow(), Followed::rotated);
  EXPECT_EQ(key().state, kms::KeyState::in_use);
  EXPECT_EQ(key().current, 2U);
  EXPECT_EQ(key().unerased, 0U);
  EXPECT_EQ(disk.slots, std::set<base::Buffer>{secret(2)});
  EXPECT_NE(secret(1), secret(2)) << "the old one is its owner's to delete";
  engine->secrets.erase(path(1));
  EXPECT_TRUE(opens());
  ASSERT_EQ(rotate(), 200);
  EXPECT_EQ(follow(), Followed::rotated);
  EXPECT_EQ(disk.slots, std::set<base::Buffer>{secret(3)});
  EXPECT_FALSE(engine->secrets.contains(path(1))) << "nobody makes a key anew that was in use";
}

TEST_F(PassportRotation, ThatWasAbandonedTakesTheNewKeyAwayAgainAndTheNextOneHasAnotherPath) {
  rotate();
  disk.steps_until_power_loss = 1;  // the new key is on the disk, and the service not told
  EXPECT_THROW(follow(), base::Error);
  EXPECT_EQ(disk.keys(), 2U);
  ASSERT_EQ(rotate("DELETE"), 200);
  EXPECT_EQ(follow(), Followed::nothing_to_do);
  EXPECT_EQ(disk.slots, std::set<base::Buffer>{secret(1)});
  ASSERT_EQ(rotate(), 200);
  EXPECT_EQ(follow(), Followed::rotated);
  EXPECT_EQ(disk.slots, std::set<base::Buffer>{secret(3)});
}

TEST_F(PassportRotation, TakesAwayWhatIsNoKeyOfTheGuests) {
  const base::Buffer planted(32, 9);
  disk.slots.insert(planted);
  EXPECT_EQ(follow(), Followed::nothing_to_do);
  EXPECT_FALSE(disk.opens_with(planted));
}

TEST_F(PassportRotation, IsWhatTheGuestHearsOfWhenItStarts) {
  EXPECT_FALSE(at_boot().rotating);
  rotate();
  EXPECT_TRUE(at_boot().rotating);
  EXPECT_FALSE(engine->secrets.contains(path(2))) << "which can open nothing yet, so that a start does not wait for it";
}

TEST_F(PassportRotation, IsFinishedWithoutTheOldKeyWhereTheNewOneOpensTheDisk) {
  for (const bool with_metadata : {false, true}) {
    const std::uint32_t old = key().current;
    rotate();
    disk.steps_until_power_loss = 1;
    EXPECT_THROW(follow(), base::Error);
    disk.steps_until_power_loss = -1;
    engine->secrets[path(old)].reset();  // too early
    if (with_metadata) engine->secrets.erase(path(old));
    EXPECT_TRUE(opens());
    EXPECT_EQ(follow(), Followed::rotated);
    EXPECT_EQ(key().current, old + 1);
    EXPECT_EQ(disk.slots, std::set<base::Buffer>{secret(old + 1)});
  }
}

TEST_F(PassportRotation, ChangesNothingWhenTheOldKeyWasDeletedBeforeTheNewOneWasThere) {
  rotate();
  engine->secrets.erase(path(1));
  EXPECT_THAT([&] { follow(); },
              testing::ThrowsMessage<base::Error>(HasSubstr("data.2: somebody deleted the key there")));
  EXPECT_EQ(disk.keys(), 1U);
  EXPECT_THAT([&] { opens(); },
              testing::ThrowsMessage<base::Error>(HasSubstr("/data: somebody deleted the key there")));
}

TEST_F(PassportRotation, BringsBackAVolumeWhoseServiceIsOfABackupFromBeforeIt) {
  const kms::StoredRecord backup = key_provider.records.at(key_name);
  rotate();
  follow();
  key_provider.records.at(key_name) = backup;
  EXPECT_FALSE(opens()) << "the service tells of version 1";
  ASSERT_EQ(rotate(), 200);
  EXPECT_TRUE(opens()) << "version 2 is at the KMS all the while";
  EXPECT_EQ(follow(), Followed::rotated);
  EXPECT_EQ(disk.slots, std::set<base::Buffer>{secret(2)});
}

TEST_F(PassportRotation, OfADiskThatNoVersionOpensTakesNothingAway) {
  rotate();
  disk.slots = {base::Buffer(32, 9)};
  EXPECT_THROW(follow(), base::Error);
  EXPECT_EQ(disk.keys(), 1U);
  EXPECT_EQ(key().state, kms::KeyState::rotating);
}

/// What is interrupted, at how many of its steps there are.
struct Interruption {
  const char* what;
  int steps;
  void (*interrupt)(fakes::EncryptedDisk&, fakes::KeyProvider&, Engine&, int step);
};

class InterruptedPassportRotation : public PassportRotation, public testing::WithParamInterface<Interruption> {};

TEST_P(InterruptedPassportRotation, LeavesAVolumeThatOpensAndIsFinishedByTheNextOne) {
  for (int step = 0; step < GetParam().steps; ++step) {
    SCOPED_TRACE(std::string(GetParam().what) + ", step " + std::to_string(step));
    const std::uint32_t version = key().current;
    ASSERT_EQ(rotate(), 200);
    GetParam().interrupt(disk, key_provider, *engine, step);
    bool interrupted = false;
    try {
      follow();
    } catch (const base::Error&) {
      interrupted = true;
    } catch (const fakes::Killed&) {
      interrupted = true;
    }
    EXPECT_TRUE(interrupted);
    disk.steps_until_power_loss = key_provider.calls_until_kill = engine->requests_until_away = -1;
    engine->away = false;
    EXPECT_TRUE(opens());
    follow();
    completed(service.settle_keys());
    EXPECT_EQ(key().state, kms::KeyState::in_use);
    EXPECT_EQ(key().current, version + 1);
    EXPECT_EQ(key().unerased, 0U);
    EXPECT_EQ(disk.slots, std::set<base::Buffer>{secret(version + 1)});
    EXPECT_TRUE(opens());
  }
}

// The guest changes its disk three times: before and after the new key is written, before the old one goes. It asks the
// KMS to log in, for the current key, for the next one, and to take the one that it made. The service writes the commit
// and then that it has forgotten the old version.
INSTANTIATE_TEST_SUITE_P(Table, InterruptedPassportRotation,
                         testing::Values(Interruption{"Guest", 3,
                                                      [](auto& disk, auto&, auto&, int step) {
                                                        disk.steps_until_power_loss = step;
                                                      }},
                                         Interruption{"KmsBeforeARequest", 4,
                                                      [](auto&, auto&, auto& engine, int step) {
                                                        engine.does_what_it_does_not_answer = false;
                                                        engine.requests_until_away = step;
                                                      }},
                                         Interruption{"KmsAfterARequest", 4,
                                                      [](auto&, auto&, auto& engine, int step) {
                                                        engine.does_what_it_does_not_answer = true;
                                                        engine.requests_until_away = step;
                                                      }},
                                         Interruption{"ServiceBeforeAStep", 2,
                                                      [](auto&, auto& provider, auto&, int step) {
                                                        provider.kill_after_the_call = false;
                                                        provider.calls_until_kill = step;
                                                      }},
                                         Interruption{"ServiceAfterAStep", 2,
                                                      [](auto&, auto& provider, auto&, int step) {
                                                        provider.kill_after_the_call = true;
                                                        provider.calls_until_kill = step;
                                                      }}),
                         [](const auto& one) { return std::string(one.param.what); });

}  // namespace
