// room: measurement
#include "base/error.h"
#include "measurement/secure_boot.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::Bytes bytes(data, size);
  try {
    const measurement::VariableStore store = measurement::read_variable_store(bytes);
    measurement::FirmwareProfile profile;
    profile.secure_boot = measurement::SecureBootVariable::zero;
    (void)measurement::secure_boot_events(profile, store);
  } catch (const base::Error&) {
    return 0;
  }
  return 0;
}
