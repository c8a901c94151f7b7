// room: measurement
#include "base/error.h"
#include "measurement/tcg_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    (void)measurement::replay(measurement::parse_event_log(bytes));
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
