#include "kms/key_store.h"

#include <gmock/gmock.h>

#include <functional>

#include "base/error.h"
#include "tests/fakes/fake_key_provider.h"
#include "tests/kms/samples.h"

namespace kms {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::ThrowsMessage;

const KeyName root = KeyName::parse("worker/0/root");

class Keys : public testing::Test {
 protected:
  [[nodiscard]] KeyStore open() {
    return {samples::acme, std::make_unique<fakes::FakeKeyRecords>(provider_),
            std::make_unique<fakes::FakeKeyMaterial>(provider_)};
  }
  /// The key as the guest it is for gets it.
  static base::Buffer key(KeyStore& store, Slot slot = Slot::current) {
    auto released = store.release(root, samples::guest(), slot);
    const base::Secret* secret = std::get_if<base::Secret>(&released);
    return secret != nullptr ? base::buffer_of(secret->view()) : base::Buffer();
  }
  void rotating() {
    KeyStore store = open();
    store.create(root, samples::policy());
    store.mark_formatted(root);
    store.begin_rotation(root);
  }
  fakes::KeyProvider provider_;
};

TEST_F(Keys, AreReleasedToTheGuestTheyAreForAndToNobodyElse) {
  KeyStore store = open();
  EXPECT_EQ(store.create(root, samples::policy()).state, KeyState::never_formatted);
  EXPECT_THAT(key(store), SizeIs(key_size));
  const auto other = store.release(root, {{samples::acme, base::Pool::worker, 1}, samples::approved});
  EXPECT_THAT(std::get<Refusal>(other).reasons, testing::ElementsAre("guest: got 1, wanted 0"));
}

TEST_F(Keys, OfOneNameAreMadeOnceEvenAfterTheirDestruction) {
  KeyStore store = open();
  const auto again = [&] { store.create(root, samples::policy()); };
  again();
  EXPECT_THAT(again, ThrowsMessage<base::Error>(HasSubstr("the name is taken")));
  store.revoke(root);
  store.destroy(root);
  EXPECT_THAT(again, ThrowsMessage<base::Error>(HasSubstr("the name is taken")));
}

TEST_F(Keys, OfAnotherTenantAreNeitherMadeNorRead) {
  ReleasePolicy foreign = samples::policy();
  foreign.tenant = {"other"};
  KeyStore store = open();
  EXPECT_THAT([&] { store.create(root, foreign); },
              ThrowsMessage<base::Error>("release policy: tenant: got other, wanted acme"));
  store.create(root, samples::policy());
  provider_.records.at(root).record.policy = foreign;
  EXPECT_THAT([&] { static_cast<void>(store.status(root)); },
              ThrowsMessage<base::Error>(HasSubstr("policy is of tenant other")));
}

TEST_F(Keys, AreBothReleasedUntilARotationIsCommitted) {
  rotating();
  KeyStore store = open();
  const base::Buffer before = key(store), after = key(store, Slot::next);
  EXPECT_NE(before, after);
  const KeyStatus status = store.commit_rotation(root);
  EXPECT_EQ(status.state, KeyState::in_use);
  EXPECT_EQ(status.current, 2U);
  EXPECT_EQ(status.unerased, 0U);
  EXPECT_EQ(key(store), after);
  EXPECT_THAT(key(store, Slot::next), IsEmpty());
  EXPECT_THAT(provider_.material, SizeIs(1));
}

TEST_F(Keys, StayWhatTheyWereWhenARotationIsAbandoned) {
  rotating();
  KeyStore store = open();
  const base::Buffer before = key(store);
  EXPECT_EQ(store.abandon_rotation(root).current, 1U);
  EXPECT_EQ(key(store), before);
  EXPECT_THAT(provider_.material, SizeIs(1));
  EXPECT_EQ(store.begin_rotation(root).next, 3U) << "a version's number is never used twice";
}

TEST_F(Keys, AreRotatedThoughTheProviderCannotEraseTheOldOneYet) {
  rotating();
  KeyStore store = open();
  provider_.down = true;
  EXPECT_EQ(store.commit_rotation(root).unerased, 1U);
  EXPECT_THAT(provider_.material, SizeIs(2));
  EXPECT_THAT([&] { store.settle(root); }, ThrowsMessage<ProviderError>(HasSubstr("(a retry is safe)")));
  provider_.down = false;
  EXPECT_EQ(store.settle(root).unerased, 0U);
  EXPECT_THAT(provider_.material, SizeIs(1));
}

TEST_F(Keys, AreReleasedToNobodyOnceRevokedEvenIfTheProviderIsDown) {
  rotating();
  KeyStore store = open();
  provider_.down = true;
  EXPECT_THROW(store.revoke(root), ProviderError);
  EXPECT_EQ(store.status(root).state, KeyState::revoked);
  EXPECT_THAT(key(store), IsEmpty());
  EXPECT_THAT(key(store, Slot::next), IsEmpty());
  provider_.down = false;
  store.revoke(root);
  EXPECT_THAT(provider_.revoked, SizeIs(2));
}

TEST_F(Keys, AreDestroyedOnlyOnceRevokedAndTheirMaterialIsGone) {
  rotating();
  KeyStore store = open();
  EXPECT_THAT([&] { store.destroy(root); },
              ThrowsMessage<base::Error>(HasSubstr("the key is rotating, wanted revoked")));
  store.revoke(root);
  provider_.down = true;
  EXPECT_THROW(store.destroy(root), ProviderError);
  EXPECT_EQ(store.status(root).state, KeyState::revoked) << "destroyed is only said of what is gone";
  provider_.down = false;
  EXPECT_EQ(store.destroy(root).state, KeyState::destroyed);
  EXPECT_THAT(provider_.material, IsEmpty());
  EXPECT_EQ(store.destroy(root).state, KeyState::destroyed) << "can be retried";
}

TEST_F(Keys, KeepTheChangeOfWhoeverWasFirst) {
  rotating();
  KeyStore store = open();
  provider_.others_write_first = true;
  EXPECT_THAT([&] { store.commit_rotation(root); }, ThrowsMessage<base::Error>(HasSubstr("another change came first")));
  EXPECT_THAT(key(store), SizeIs(key_size));
  EXPECT_THAT(key(store, Slot::next), SizeIs(key_size));
  provider_.others_write_first = false;
  store.abandon_rotation(root);
  provider_.others_write_first = true;
  EXPECT_THROW(store.begin_rotation(root), base::Error);
  EXPECT_THAT(provider_.material, SizeIs(1)) << "a version that no record names is erased";
}

TEST_F(Keys, FollowANewApproval) {
  KeyStore store = open();
  store.create(root, samples::policy());
  ReleasePolicy narrowed = samples::policy();
  narrowed.measurements = {std::string(64, 'd')};
  store.replace_policy(root, narrowed);
  EXPECT_THAT(key(store), IsEmpty());
  store.revoke(root);
  EXPECT_THROW(store.replace_policy(root, samples::policy()), base::Error);
}

/// Whatever call a process is killed at, before or after it was done, a key that a disk may be formatted with is still
/// there: its record names only material that exists.
TEST_F(Keys, AreNeverLostByAKillInAnyCall) {
  using Change = std::function<void(KeyStore&)>;
  const std::vector<Change> changes{[](KeyStore& store) { store.begin_rotation(root); },
                                    [](KeyStore& store) { store.commit_rotation(root); },
                                    [](KeyStore& store) { store.abandon_rotation(root); }};
  unsigned kills = 0;
  for (std::size_t change = 0; change < changes.size(); ++change)
    for (const bool after_the_call : {false, true})
      for (int calls = 0;; ++calls) {
        SCOPED_TRACE("change " + std::to_string(change) + ", call " + std::to_string(calls));
        provider_ = {};
        rotating();
        KeyStore store = open();
        if (change == 0) store.abandon_rotation(root);
        const base::Buffer old_key = key(store), next_key = key(store, Slot::next);
        provider_.calls_until_kill = calls;
        provider_.kill_after_the_call = after_the_call;
        bool killed = false;
        try {
          changes[change](store);
        } catch (const fakes::Killed&) {
          killed = true;
          ++kills;
        }
        provider_.calls_until_kill = -1;
        KeyStore reopened = open();
        const base::Buffer now = key(reopened);
        const bool committed = change == 1 && reopened.status(root).state == KeyState::in_use;
        EXPECT_EQ(now, committed ? next_key : old_key);
        if (reopened.status(root).state == KeyState::rotating) {
          EXPECT_THAT(key(reopened, Slot::next), SizeIs(key_size));
        }
        reopened.settle(root);
        EXPECT_EQ(key(reopened), now);
        if (!killed) break;
      }
  EXPECT_EQ(kills, 16U);
}

}  // namespace
}  // namespace kms
