#include "guest/volumes.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/fakes/fake_encrypted_disk.h"

namespace guest {
namespace {

using attestation::wire::VolumeKeys;
using testing::HasSubstr;

constexpr std::uint8_t ours = 7, next = 8, foreign = 9;

VolumeKeys keys(bool may_format, const std::vector<std::uint8_t>& versions = {ours}) {
  VolumeKeys made{may_format, {}};
  for (const std::uint8_t version : versions) made.versions.emplace_back(base::Buffer(32, version));
  return made;
}

/// A disk that was made with this key and has a file system.
fakes::EncryptedDisk used_disk(std::uint8_t key = ours) {
  fakes::EncryptedDisk disk;
  disk.header = disk.file_system = true;
  disk.slots = {base::Buffer(32, key)};
  return disk;
}

std::string refusal(fakes::EncryptedDisk& disk, const VolumeKeys& given) {
  try {
    open_volume(disk, given);
  } catch (const base::Error& error) {
    EXPECT_EQ(error.kind(), base::Kind::failure);
    EXPECT_FALSE(disk.mounted);
    return error.what();
  }
  return "opened";
}

TEST(Volumes, FormatABlankDiskOfAKeyThatWasNeverUsed) {
  fakes::EncryptedDisk disk;
  EXPECT_EQ(open_volume(disk, keys(true)), Opened::newly_formatted);
  EXPECT_TRUE(disk.mounted);
  disk.lose_power();
  EXPECT_EQ(open_volume(disk, keys(false)), Opened::as_before);
  EXPECT_EQ(disk.formatted, 1);
}

TEST(Volumes, NeverFormatAnEmptyDiskOfAKeyInUse) {
  fakes::EncryptedDisk disk;
  EXPECT_THAT(refusal(disk, keys(false)), HasSubstr("is empty, and was formatted before"));
  disk.header = true;
  EXPECT_THAT(refusal(disk, keys(false)), HasSubstr("is empty, and was formatted before"));
  EXPECT_EQ(disk.formatted, 0);
}

TEST(Volumes, NeverFormatADiskThatHoldsAnything) {
  fakes::EncryptedDisk data;
  data.other_data = true;
  for (const bool may_format : {true, false}) {
    EXPECT_THAT(refusal(data, keys(may_format)), HasSubstr("does not open with its key"));
    fakes::EncryptedDisk of_another = used_disk(foreign);
    EXPECT_THAT(refusal(of_another, keys(may_format)), HasSubstr("does not open with its key"));
    EXPECT_EQ(data.formatted + of_another.formatted, 0);
  }
}

TEST(Volumes, OpenWithTheOldOrTheNewKeyOfARotation) {
  for (const std::uint8_t key : {ours, next}) {
    fakes::EncryptedDisk disk = used_disk(key);
    EXPECT_EQ(open_volume(disk, keys(false, {ours, next})), Opened::as_before);
  }
}

TEST(Volumes, KeepADiskWhoseMakingTheServiceDidNotHearOf) {
  fakes::EncryptedDisk disk = used_disk();
  EXPECT_EQ(open_volume(disk, keys(true)), Opened::newly_formatted) << "so that it is told now";
  EXPECT_EQ(disk.formatted, 0);
}

TEST(Volumes, AreMadeAgainAfterALossOfPowerAtAnyStepOfTheirMaking) {
  for (int step = 0; step < 3; ++step) {
    fakes::EncryptedDisk disk;
    disk.steps_until_power_loss = step;
    EXPECT_THROW(open_volume(disk, keys(true)), base::Error);
    disk.lose_power();
    EXPECT_EQ(open_volume(disk, keys(true)), Opened::newly_formatted) << step;
    EXPECT_TRUE(disk.mounted) << step;
  }
}

TEST(Volumes, RefuseToGoOnWithoutAFileSystemThatOnceWasThere) {
  fakes::EncryptedDisk disk = used_disk();
  disk.file_system = false;
  EXPECT_THAT(refusal(disk, keys(false)), HasSubstr("holds no file system"));
}

}  // namespace
}  // namespace guest
