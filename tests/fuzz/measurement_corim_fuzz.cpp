// room: measurement
#include "base/error.h"
#include "measurement/corim.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    (void)measurement::parse_corim({data, size}, "file");
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
