// room: kms
#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "kms/place.h"

/// The input as the place of config.json that owners approved. What is read is written and read as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const base::Json json = base::Json::parse({reinterpret_cast<const char*>(data), size}, "place");
    const kms::Place place = kms::parse_place(json, "place");
    const base::Json written = base::Json::parse(kms::to_json(place).compact(), "written");
    if (kms::parse_place(written, "written") != place || place.text().empty()) __builtin_trap();
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
