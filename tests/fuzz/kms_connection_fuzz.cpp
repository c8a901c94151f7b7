// room: kms
#include "base/error.h"
#include "kms/connection.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    kms::parse_connection({reinterpret_cast<const char*>(data), size}, "connection");
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
