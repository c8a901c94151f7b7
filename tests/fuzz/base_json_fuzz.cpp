// room: base
// JSON text: what parses must print, and parse again to the same value.
#include <cstdlib>

#include "base/error.h"
#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const base::Json json = base::Json::parse(text, "input");
    if (base::Json::parse(json.compact(), "output").compact() != json.compact()) std::abort();
  } catch (const base::Error&) {
  }
  return 0;
}
