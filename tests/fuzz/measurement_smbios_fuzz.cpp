// room: measurement
#include "base/error.h"
#include "measurement/smbios.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    (void)measurement::find_bios_strings(bytes);
    (void)measurement::measured_smbios(bytes, {"EDK II", "unknown", "02/02/2022"}, measurement::ProcessorId{1, 2, 3});
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
