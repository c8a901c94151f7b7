// room: measurement
#include "base/error.h"
#include "measurement/gpt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    (void)measurement::gpt_event(bytes);
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
