#include "guest/volumes.h"

#include <algorithm>

#include "base/error.h"

namespace guest {
namespace {

[[noreturn]] void fail(const std::string& why) {
  throw base::Error(base::Kind::failure, why);
}

void format(EncryptedDisk& disk, base::Bytes key) {
  disk.format(key);
  if (!disk.open(key)) fail("was formatted and does not open");
  disk.make_file_system();
  if (!disk.mount()) fail("was formatted and has no file system");
}

}  // namespace

Opened open_volume(EncryptedDisk& disk, const attestation::wire::VolumeKeys& keys) {
  const DiskContent content = disk.content();
  if (content != DiskContent::filled) {
    if (!keys.may_format) {
      fail(
          "is empty, and was formatted before: somebody put another disk in its place, or lost what was on it; "
          "it is not formatted again");
    }
    format(disk, keys.versions.front().view());
    return Opened::newly_formatted;
  }
  const auto& versions = keys.versions;
  if (std::none_of(versions.begin(), versions.end(), [&](const base::Secret& key) { return disk.open(key.view()); })) {
    fail("does not open with its key");
  }
  if (disk.mount()) return keys.may_format ? Opened::newly_formatted : Opened::as_before;
  // Interrupted between the header and the file system: nothing can have been written yet.
  if (!keys.may_format) fail("opens, and holds no file system");
  disk.make_file_system();
  if (!disk.mount()) fail("was given a file system that does not mount");
  return Opened::newly_formatted;
}

}  // namespace guest
