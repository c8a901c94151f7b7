#include "guest/recovery.h"

#include <gmock/gmock.h>

#include "attestation/wire/recovery_note.h"
#include "base/error.h"
#include "tests/fakes/fake_encrypted_disk.h"

namespace guest {
namespace {

using attestation::wire::open_recovery_note;
using attestation::wire::VolumeKeys;
using base::PrivateKey;

class RecoveryKey : public testing::Test {
 protected:
  RecoveryKey() {
    keys.versions.emplace_back(base::Buffer(32, 7));
    disk.slots = {base::Buffer(32, 7)};
  }
  Recovery keep(const std::vector<const PrivateKey*>& owners) {
    std::vector<std::string> pems;
    for (const PrivateKey* owner : owners) pems.push_back(owner->public_key().pem());
    return keep_recovery(disk, keys, pems);
  }
  fakes::EncryptedDisk disk;
  VolumeKeys keys;
  PrivateKey security = PrivateKey::generate(PrivateKey::Type::p256);
  PrivateKey legal = PrivateKey::generate(PrivateKey::Type::p256);
};

TEST_F(RecoveryKey, IsMadeOnceAndOpenedByEveryOwner) {
  EXPECT_EQ(keep({&security, &legal}), Recovery::changed);
  ASSERT_TRUE(disk.recovery && disk.note);
  for (const PrivateKey* owner : {&security, &legal})
    EXPECT_EQ(base::buffer_of(open_recovery_note(*disk.note, *owner).view()), *disk.recovery);
  EXPECT_THAT(*disk.note, testing::HasSubstr("\"keyslots\":[\"7\"]"));
  const base::Buffer before = *disk.recovery;
  EXPECT_EQ(keep({&legal, &security}), Recovery::as_it_was);
  EXPECT_EQ(*disk.recovery, before);
}

TEST_F(RecoveryKey, IsMadeAnewForOtherOwnersAndTakenAwayWithoutAny) {
  keep({&security, &legal});
  const base::Buffer before = *disk.recovery;
  EXPECT_EQ(keep({&security}), Recovery::changed);
  EXPECT_NE(*disk.recovery, before) << "who is no owner any more does not have the new one";
  EXPECT_THAT([&] { open_recovery_note(*disk.note, legal); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("recovery note: is not for the key ")));
  EXPECT_EQ(keep({}), Recovery::changed);
  EXPECT_FALSE(disk.recovery);
  EXPECT_EQ(keep({}), Recovery::as_it_was);
}

TEST_F(RecoveryKey, IsMadeAnewWhereSomebodyMadeTheNoteUnreadable) {
  keep({&security});
  disk.note = "{}";
  EXPECT_EQ(keep({&security}), Recovery::changed);
  EXPECT_EQ(base::buffer_of(open_recovery_note(*disk.note, security).view()), *disk.recovery);
}

TEST_F(RecoveryKey, IsAddedWithWhicheverVersionOpensTheDisk) {
  keys.versions.clear();
  keys.versions.emplace_back(base::Buffer(32, 6));
  EXPECT_THROW(keep({&security}), base::Error);
  keys.versions.emplace_back(base::Buffer(32, 7));
  EXPECT_EQ(keep({&security}), Recovery::changed);
}

TEST(RecoveryNote, IsReadStrictly) {
  const PrivateKey owner = PrivateKey::generate(PrivateKey::Type::p256);
  const std::string good = attestation::wire::recovery_note(base::Buffer(32, 7), {owner.public_key()}, 1);
  EXPECT_THAT(attestation::wire::recovery_recipients(good),
              testing::ElementsAre(owner.public_key().fingerprint().hex()));
  const std::string hex(64, 'a');
  const struct {
    std::string text, message;
  } cases[] = {
      {"[]", "recovery note: wanted an object"},
      {R"({"type":"luks2-keyring","keyslots":[],"keys":[]})",
       "recovery note: type: wanted bulkhead-recovery, got 'luks2-keyring'"},
      {R"({"type":"bulkhead-recovery","keyslots":[]})", "missing member 'keys'"},
      {R"({"type":"bulkhead-recovery","keyslots":[],"keys":[{"recipient":"aa","jwe":{}}]})",
       "recovery note: recipient: wanted a SHA-256"},
      {R"({"type":"bulkhead-recovery","keyslots":[],"keys":[{"recipient":")" + hex + R"(","jwe":""}]})",
       "recovery note: jwe: wanted an object"},
      {R"({"type":"bulkhead-recovery","keyslots":[],"keys":[{"recipient":")" + hex + R"("}]})",
       "recovery note: jwe: missing"},
      {R"({"type":"bulkhead-recovery","keyslots":[],"keys":[],"key":""})", "key"},
  };
  for (const auto& one : cases) {
    EXPECT_THAT([&] { attestation::wire::recovery_recipients(one.text); },
                testing::ThrowsMessage<base::Error>(testing::HasSubstr(one.message)))
        << one.text;
  }
  EXPECT_THAT([&] { open_recovery_note(R"({"type":"bulkhead-recovery","keyslots":[],"keys":[]})", owner); },
              testing::ThrowsMessage<base::Error>(testing::HasSubstr("but for nobody")));
}

}  // namespace
}  // namespace guest
