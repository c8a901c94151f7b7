// room: measurement
#include "base/error.h"
#include "measurement/td_quote.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    (void)measurement::read_td_registers(bytes);
    (void)measurement::parse_td_quote(bytes);
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
