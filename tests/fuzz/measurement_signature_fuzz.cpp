// room: measurement
#include "base/error.h"
#include "measurement/secure_boot.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    // The same bytes as program and as database: both are parsed.
    measurement::VariableStore store;
    store.variables.push_back({std::string(measurement::image_security_guid), "db", 0, base::buffer_of(bytes)});
    (void)measurement::db_entry_of(bytes, store);
    store.variables.clear();
    (void)measurement::db_entry_of(bytes, store);
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
