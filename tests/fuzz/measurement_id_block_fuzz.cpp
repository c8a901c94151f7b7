// room: measurement
#include <cstdlib>

#include "base/error.h"
#include "measurement/id_block.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    if (size == measurement::id_block_size) {
      const measurement::IdBlock block = measurement::parse_id_block(bytes);
      if (measurement::id_block_bytes(block) != base::buffer_of(bytes)) std::abort();
      return 0;
    }
    const measurement::IdAuthentication found = measurement::parse_id_authentication(bytes);
    if (measurement::parse_id_authentication(measurement::id_authentication_bytes(found)) != found) std::abort();
    (void)measurement::verify({}, found);
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
