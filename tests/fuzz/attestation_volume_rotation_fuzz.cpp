// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/wire/volume_rotation.h"
#include "base/error.h"

/// What reads back is written so that it reads back as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestation::wire;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const VolumeVersions versions = VolumeVersions::parse(text);
    if (VolumeVersions::parse(versions.text()).next != versions.next) __builtin_trap();
  } catch (const base::Error&) {
  }
  try {
    const VolumeRotated rotated = VolumeRotated::parse(text);
    if (VolumeRotated::parse(rotated.text()).version != rotated.version) __builtin_trap();
  } catch (const base::Error&) {
  }
  return 0;
}
