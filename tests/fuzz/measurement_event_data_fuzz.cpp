// room: measurement
#include "base/error.h"
#include "measurement/event_data.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    for (const measurement::LogEvent& event : measurement::parse_event_log(bytes).events) {
      (void)measurement::event_data_json(event).pretty();
      (void)measurement::data_proof(event);
    }
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
