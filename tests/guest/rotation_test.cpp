#include "guest/rotation.h"

#include "guest/secrets.h"
#include "tests/attestation/service_fixture.h"
#include "tests/fakes/fake_encrypted_disk.h"

// A guest, its disk and its tenant's service, interrupted wherever one of them changes something.

namespace {

using guest::Followed;
using testing::HasSubstr;

constexpr const char* volume = "worker-0-data";
const kms::KeyName key_name = kms::KeyName::parse("worker/0/data");

/// The worker's disk is formatted with version 1 of its key.
class Rotation : public fake::ServiceTest {
 protected:
  template <typename Talk>
  auto in_session(const Talk& talk) {
    fake::DirectClient client(service);
    attestation::wire::AttestedSession session(client, worker);
    return talk(session);
  }
  Rotation() {
    approve_with_volume();
    initdata.guest = {{"acme"}, base::Pool::worker, 0};
    const auto keys = in_session([](auto& session) { return session.volume_keys(volume); });
    disk.slots = {base::buffer_of(keys.versions.at(0).view())};
    disk.header = disk.file_system = true;
    in_session([](auto& session) { session.note_formatted(volume); });
  }
  void approve_with_volume() {
    fake::ApprovedGuest approved = worker.approved();
    approved.volumes = {"data"};
    approve({std::move(approved), control.approved()});
  }
  Followed follow() {
    now += 60'000;  // of which the service's limits know
    return in_session([&](auto& session) {
      return guest::follow_rotation(disk, session, volume, [&](const auto& versions) {
        return guest::fetch_versions(initdata, session, {}, "data", versions);
      });
    });
  }
  int rotate(const char* method = "PUT") {
    return static_cast<int>(asked(method, "/v1/rotations", R"({"keys":["worker/0/data"]})").status);
  }
  kms::KeyStatus key() { return key_store.status(key_name); }
  /// Whether some key that the service would send the guest now opens the disk.
  bool opens() {
    now += 60'000;
    const auto keys = in_session([](auto& session) { return session.volume_keys(volume); });
    return std::ranges::any_of(keys.versions,
                               [&](const base::Secret& version) { return disk.opens_with(version.view()); });
  }

  base::Initdata initdata;
  fakes::EncryptedDisk disk;
};

TEST_F(Rotation, OfAKeyThatDoesNotRotateAsksForNoKeyAndChangesNothing) {
  const std::size_t before = log.size();
  EXPECT_EQ(follow(), Followed::nothing_to_do);
  EXPECT_THAT(log.substr(before), testing::Not(HasSubstr("\"released\"")));
  EXPECT_EQ(disk.keys(), 1U);
}

TEST_F(Rotation, LeavesTheNewKeyAloneOnTheDiskAndAtTheService) {
  const base::Buffer before = *disk.slots.begin();
  ASSERT_EQ(rotate(), 200);
  EXPECT_EQ(follow(), Followed::rotated);
  EXPECT_EQ(key().state, kms::KeyState::in_use);
  EXPECT_EQ(key().current, 2U);
  EXPECT_EQ(key().unerased, 0U);
  EXPECT_EQ(disk.keys(), 1U);
  EXPECT_FALSE(disk.opens_with(before));
  EXPECT_TRUE(opens());
  EXPECT_EQ(key_provider.material.size(), 1U) << "the old key is erased";
  EXPECT_THAT(log, HasSubstr("\"event\":\"key rotated\""));
  EXPECT_EQ(follow(), Followed::nothing_to_do);
}

TEST_F(Rotation, ThatWasAbandonedTakesTheNewKeyAwayAgain) {
  const base::Buffer before = *disk.slots.begin();
  rotate();
  disk.steps_until_power_loss = 1;  // the new key is on the disk, and the service not told
  EXPECT_THROW(follow(), base::Error);
  EXPECT_EQ(disk.keys(), 2U);
  ASSERT_EQ(rotate("DELETE"), 200);
  EXPECT_EQ(follow(), Followed::nothing_to_do);
  EXPECT_TRUE(disk.opens_with(before));
  EXPECT_EQ(disk.keys(), 1U);
  ASSERT_EQ(rotate(), 200) << "another one can begin";
  EXPECT_EQ(follow(), Followed::rotated);
  EXPECT_EQ(key().current, 3U) << "a version's number is never used twice";
}

TEST_F(Rotation, TakesAwayWhatTheServiceHasNoKeyFor) {
  const base::Buffer planted(32, 9);
  disk.slots.insert(planted);
  EXPECT_EQ(follow(), Followed::nothing_to_do);
  EXPECT_FALSE(disk.opens_with(planted));
}

TEST_F(Rotation, OfADiskThatNoVersionOpensTakesNothingAway) {
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
  void (*interrupt)(fakes::EncryptedDisk&, fakes::KeyProvider&, int step);
};

class InterruptedRotation : public Rotation, public testing::WithParamInterface<Interruption> {};

TEST_P(InterruptedRotation, LeavesAVolumeThatOpensAndIsFinishedByTheNextOne) {
  for (int step = 0; step < GetParam().steps; ++step) {
    const std::uint32_t version = key().current;
    ASSERT_EQ(rotate(), 200);
    GetParam().interrupt(disk, key_provider, step);
    bool interrupted = false;
    try {
      follow();
    } catch (const base::Error&) {  // the guest's power, or an answer that says that the service failed
      interrupted = true;
    } catch (const fakes::Killed&) {
      interrupted = true;
    }
    EXPECT_TRUE(interrupted) << GetParam().what << ", step " << step;
    disk.steps_until_power_loss = key_provider.calls_until_kill = -1;
    EXPECT_TRUE(opens()) << GetParam().what << ", step " << step;
    follow();
    completed(service.settle_keys());
    EXPECT_EQ(key().state, kms::KeyState::in_use);
    EXPECT_EQ(key().current, version + 1);
    EXPECT_EQ(key().unerased, 0U);
    EXPECT_EQ(disk.keys(), 1U) << GetParam().what << ", step " << step;
    EXPECT_TRUE(opens());
  }
}

// The guest changes its disk three times: before and after the new key is written, before the old one goes. The service
// fetches two keys, writes the commit, erases the old version, writes that it did.
INSTANTIATE_TEST_SUITE_P(
    Table, InterruptedRotation,
    testing::Values(Interruption{"Guest", 3, [](auto& disk, auto&, int step) { disk.steps_until_power_loss = step; }},
                    Interruption{"ServiceBeforeAStep", 5,
                                 [](auto&, auto& provider, int step) {
                                   provider.kill_after_the_call = false;
                                   provider.calls_until_kill = step;
                                 }},
                    Interruption{"ServiceAfterAStep", 5,
                                 [](auto&, auto& provider, int step) {
                                   provider.kill_after_the_call = true;
                                   provider.calls_until_kill = step;
                                 }}),
    [](const auto& one) { return std::string(one.param.what); });

}  // namespace
