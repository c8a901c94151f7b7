// room: base
#include "base/error.h"
#include "base/initdata.h"

/// Whatever parses must be written and read back as the same value.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const base::Initdata initdata = base::parse_initdata({reinterpret_cast<const char*>(data), size});
    if (base::parse_initdata(base::initdata_toml(initdata)) != initdata) __builtin_trap();
  } catch (const base::Error&) {
  }
  return 0;
}
