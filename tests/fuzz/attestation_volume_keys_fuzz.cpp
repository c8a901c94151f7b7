// room: attestation
#include <cstddef>
#include <cstdint>

#include "attestation/wire/volume_keys.h"
#include "base/error.h"

/// What reads back is written as the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto keys = attestation::wire::parse_volume_keys({data, size});
    if (!base::equal_in_constant_time(attestation::wire::volume_keys_bytes(keys).view(), {data, size}))
      __builtin_trap();
  } catch (const base::Error&) {
  }
  return 0;
}
